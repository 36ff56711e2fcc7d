"""Rows become columns: header, layout, mapping, and a reader of values for each field."""
