"""Reading the catalogue: plain keyword-only functions that return frozen dataclasses and filter by the viewer."""
