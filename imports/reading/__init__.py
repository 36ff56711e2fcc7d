"""A file becomes rows: format, encoding, sheets, and one reader for each format."""
