"""How a period is judged: the scheme as text and as values, its faults, its weights, the forms of raters."""
