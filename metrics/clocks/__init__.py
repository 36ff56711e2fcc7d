"""Time: calendars, standards, periods, and the clocks of a case."""
