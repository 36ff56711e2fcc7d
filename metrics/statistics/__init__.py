"""Estimators of the literature over plain numbers and arrays; they know no case and no unit."""
