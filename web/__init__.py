"""The browser's view. Only here is Flask known."""
