"""The whole file judged: rules between rows, what holds for the file, and the answer."""
