"""Rows and counts to findings that need a human look. A finding never changes a score."""
