"""Keeping house: is everything as it was written, a copy of everything, and is the machine fit."""

from pipeline.house.backups import BackupError, make_backup, restore_backup
from pipeline.house.doctor import Finding, examine
from pipeline.house.rotation import rotate
from pipeline.house.verification import BadPart, Verification, verify

__all__ = [
    "BackupError",
    "BadPart",
    "Finding",
    "Verification",
    "examine",
    "make_backup",
    "restore_backup",
    "rotate",
    "verify",
]
