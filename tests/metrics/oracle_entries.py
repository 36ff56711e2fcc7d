"""The published and independently computed numbers, by their id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "oracles"
ENTRIES: dict[str, Any] = {e["id"]: e for e in json.loads((FOLDER / "methods.json").read_text("utf-8"))}
