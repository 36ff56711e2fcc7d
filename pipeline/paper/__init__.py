"""Paper out: documents, sheets, open data, standing orders and the inbox they land in."""
