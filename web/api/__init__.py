"""The HTTP API under /api/v1: JSON for programs, the same use cases and permissions as the pages."""
