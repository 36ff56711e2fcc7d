"""A reply as facts (what a text says, what it promises) and where two texts differ."""
