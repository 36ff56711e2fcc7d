"""Columns become a part: the staging table, its statements, and one way for each kind of table."""
