"""A file in; checked, typed rows and problems out. Knows no catalogue and no web."""
