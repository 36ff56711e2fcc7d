"""What a damaged archive raises while its members are found and unpacked: one list for every place that opens one."""

from __future__ import annotations

import zipfile
import zlib

BROKEN_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,  # an offset outside the file
    ValueError,
    RuntimeError,  # an encrypted member
    NotImplementedError,  # an unknown way of compression
)
