"""Counts become values: one with its interval, n and reason for each metric and key."""
