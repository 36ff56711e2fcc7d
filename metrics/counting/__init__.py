"""The statements that count, and the tables of whole numbers they answer."""
