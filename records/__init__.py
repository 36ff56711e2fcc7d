"""What happened: the catalogue in SQL, cases and answers as immutable parts. The only package with stored columns."""
