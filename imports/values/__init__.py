"""Cells become values: texts, dates, periods, words of the vocabularies, units, personal data masked."""
