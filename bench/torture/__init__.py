"""Breaks a small instance in every way a machine can, and verifies after each fault that nothing is lost.

`python -m bench.torture --faults 200 --seed 7` prints a table. A fault is survived when the state is told in words
(an exit code with a sentence, never a traceback), nothing half-accepted is seen, everything accepted before is still
there, and `verify` finds every part, every link of the audit trail and every frozen result as it was written.
"""
