"""Integrity: findings, the evidence behind them, the review desk, verification samples, protected reports."""
