"""One small module for each way of looking: counts and rows in, findings out."""
