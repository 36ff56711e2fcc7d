"""Sentences about stored things, in the language of the reader."""
