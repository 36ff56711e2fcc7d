"""What small cells withhold, so that differences do not give it away."""
