"""How sure scores, ranks and grades are, and what chance explains."""
