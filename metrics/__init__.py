"""Rows to counts to metric values, each with numerator, denominator, interval and reason."""
