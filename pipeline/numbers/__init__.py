"""Numbers out: from stored parts to counts, metrics, demands and what of them a viewer may see."""
