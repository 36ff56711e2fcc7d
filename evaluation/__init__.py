"""Metric values to scores, grades and ranks with their uncertainty, by a versioned scheme."""
