"""The facts of the generated cases from the raw parts, as an analyst writes them in pandas: the yardstick from nothing.

The newest observation of each case over all exports, working time by an array of cumulated open minutes, standings,
flags and repeats; columns as `bench.by_pandas` reads them. Text keys become numbers as they are read, and everything
after that is whole columns of numbers: no loop over rows, no group applied to a function. Like `facts.sql` it leaves
out what these cases never have (pauses, extensions, limits of the standard, times without an hour).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

TEXTS = ("unit", "channel", "category", "state", "outcome", "resolved")
HASHED = ("person_token", "reply_fingerprint")
TIMES = ("received_at", "dispatched_at", "signed_at", "first_response_at", "closed_at", "due_at")
NUMBERS = ("reply_length", "contacted", "valid_follow_up", "rating", "manner_grade", "speed_grade", "is_excluded",
           "is_public_reply", "n_returns", "n_reworks")  # fmt: skip
DAY, MINUTE, WATCHED_DAYS, THREE_MONTHS = 86_400, 60, 90, 92
NOWHERE = np.iinfo(np.int64).min


def facts_of(folder: str) -> pd.DataFrame:
    """One row per case as it stands at the newest export, sorted by nothing."""
    paths = sorted(Path(folder, "parts", "responses").glob("*.parquet"))
    newest, as_of = _newest(paths)
    parts = [_rows(path, rows) for path, rows in zip(paths, newest, strict=True)]
    texts = {name: union_categoricals([part.pop(name) for part in parts]) for name in TEXTS}
    cases = pd.concat(parts, ignore_index=True).assign(**texts)
    return _with_flags(_with_clocks(cases, folder, as_of), as_of)


def _newest(paths: list[Path]) -> tuple[list[np.ndarray], int]:
    """For each file the rows that are the newest observation of their case, and the newest cut-off in seconds."""
    frames = []
    for number, path in enumerate(paths):
        frame = duckdb.execute(f"SELECT register, case_no, exported_at FROM read_parquet('{path}')").df()
        key = pd.util.hash_array(frame["case_no"].to_numpy(object), categorize=False)
        register = pd.util.hash_array(frame["register"].to_numpy(object))
        frames.append(pd.DataFrame({"key": key ^ register * np.uint64(31), "at": _seconds(frame["exported_at"]),
                                    "file": number, "row": np.arange(len(frame))}))  # fmt: skip
    every = pd.concat(frames, ignore_index=True)
    kept = every.sort_values("at", kind="stable").drop_duplicates("key", keep="last")
    by_file = kept.groupby("file")["row"]
    rows = [np.sort(by_file.get_group(number).to_numpy()) if number in by_file.groups else np.zeros(0, int)
            for number in range(len(paths))]  # fmt: skip
    return rows, int(every["at"].max())


def _rows(path: Path, rows: np.ndarray) -> pd.DataFrame:
    """Some rows of a file; long keys as their hashes, 0 for none."""
    names = ", ".join(("case_no", *TEXTS, *HASHED, *TIMES, *NUMBERS))
    frame = duckdb.execute(f"SELECT {names} FROM read_parquet('{path}')").df().iloc[rows]
    columns = {name: frame[name].astype("category") for name in TEXTS}
    for name in HASHED:
        hashes = pd.util.hash_array(frame[name].fillna("").to_numpy(object), categorize=False)
        columns[name] = np.where(frame[name].isna(), np.uint64(0), hashes)
    columns |= {name: _seconds(frame[name]) for name in TIMES}
    columns |= {name: frame[name].astype("float64") for name in NUMBERS}
    return pd.DataFrame({**columns, "case_no": frame["case_no"].astype("int64")}, index=frame.index)


def _seconds(times: pd.Series) -> np.ndarray:
    """Local seconds since 1970, NOWHERE for none."""
    return times.to_numpy().astype("datetime64[s]").astype(np.int64)


def _open_minutes(folder: str) -> tuple[int, np.ndarray, np.ndarray]:
    """The first minute of the office calendar, seconds open before each minute, and whether it is open."""
    days = duckdb.execute(f"FROM read_parquet('{folder}/scratch/days.parquet') ORDER BY day").df()
    is_open = np.zeros((len(days), DAY // MINUTE), bool)
    minute = np.arange(DAY // MINUTE) * MINUTE
    for number in range(1, sum(name.startswith("start_") for name in days) + 1):
        since, until = (days[f"{side}_{number}"].to_numpy()[:, None] for side in ("start", "end"))
        is_open |= (minute >= since) & (minute < until)
    flat = is_open.ravel()
    before = np.r_[0, np.cumsum(flat, dtype=np.int64) * MINUTE][:-1]
    return int(days["day"].iloc[0]) * DAY, before, flat


def _with_clocks(c: pd.DataFrame, folder: str, as_of: int) -> pd.DataFrame:
    """Ends, seconds in working and calendar time, limits and standings of the three clocks."""
    first, before, is_open = _open_minutes(folder)

    def worked(moment: np.ndarray) -> np.ndarray:
        minute, second = np.divmod(moment - first, MINUTE)
        return before[minute] + is_open[minute] * second

    received = c["received_at"].to_numpy()
    answered, closed = c["first_response_at"].to_numpy(), c["closed_at"].to_numpy()
    c["is_closed"] = ((closed != NOWHERE) | (c["state"] == "closed")).astype("int8")
    c["is_replied"] = ((answered != NOWHERE) | (c["reply_length"] > 0)).astype("int8")
    c["sign_ended"] = np.int8(1)
    signing = c["signed_at"].to_numpy() - c["dispatched_at"].to_numpy()
    c["sign_strict"] = np.where(signing <= DAY, 1, 2).astype("int8")
    limit, began = c["due_at"].to_numpy() - received, worked(received)
    for clock, event, unknown in (("reply", answered, c["is_replied"] == 1), ("close", closed, c["is_closed"] == 1)):
        has_ended = event != NOWHERE
        runs = has_ended | ~unknown.to_numpy()
        end = np.where(has_ended, event, as_of)
        used = (end - received).astype(float)
        is_late = used > limit
        c[f"{clock}_ended"] = np.where(runs, has_ended, np.nan)
        c[f"{clock}_seconds"] = np.where(runs, worked(end) - began, np.nan)
        c[f"{clock}_calendar_seconds"] = c[f"{clock}_used"] = np.where(runs, used, np.nan)
        c[f"{clock}_limit"] = np.where(runs, limit, np.nan)
        standing = np.where(has_ended, np.where(is_late, 2, 1), np.where(is_late, 3, 4))
        c[f"{clock}_strict"] = c[f"{clock}_allowed"] = np.where(runs, standing, np.nan)
    return c


def _with_flags(c: pd.DataFrame, as_of: int) -> pd.DataFrame:
    """Days and 0/1 columns of state, outcome, repeats and filled cells."""
    day, today = c["received_at"] // DAY, as_of // DAY
    closing = pd.Series(np.where(c["closed_at"] == NOWHERE, np.nan, c["closed_at"] // DAY), index=c.index)
    is_closed, is_replied = c["is_closed"] == 1, c["is_replied"] == 1
    has_outcome, is_resolved = c["outcome"].notna(), c["resolved"].notna()
    watched = is_closed & (c["person_token"] != 0) & (closing + WATCHED_DAYS <= today)
    again = _next_by_the_same(c) // DAY
    flags = {
        "is_excluded": c["is_excluded"] == 1, "is_duplicate": False, "is_withdrawn": False, "is_not_responsible": False,
        "is_dispatched": c["dispatched_at"] != NOWHERE, "is_published": c["is_public_reply"] == 1,
        "is_public_known": c["is_public_reply"].notna(), "is_returned": c["n_returns"] > 0, "is_extended": False,
        "is_suspended": False, "is_rework": c["n_reworks"] > 0,
        "is_unanswered_3_months": ~is_replied & ~is_closed & (c["channel"] == "website") & (day < today - THREE_MONTHS),
        "is_claimed_resolved": (c["resolved"] == "yes") | (~is_resolved & (c["outcome"] == "resolved")),
        "is_claimed_partly": c["outcome"] == "partly", "is_outcome_known": is_resolved | has_outcome,
        "is_repeat_watched": watched, "is_repeated": watched & (again > 0) & (again <= closing + WATCHED_DAYS),
        "is_return_known": c["n_returns"].notna(), "is_extension_known": False, "is_suspension_known": False,
        "is_exclusion_known": c["is_excluded"].notna(), "is_rework_known": c["n_reworks"].notna(),
        "is_date_only": False, "is_contradictory": False,
    }  # fmt: skip
    for name, values in flags.items():
        c[name] = np.asarray(values, "int8") if isinstance(values, pd.Series) else np.int8(0)
    c["cells_required"] = (4 + 2 * c["is_closed"] + c["is_replied"]).astype("int8")
    c["cells_filled"] = (4 + is_closed * ((c["closed_at"] != NOWHERE).astype("int8") + has_outcome)
                         + is_replied * (c["first_response_at"] != NOWHERE)).astype("int8")  # fmt: skip
    c["received_day"], c["closing_day"], c["closed_day"] = day, closing, closing.where(is_closed)
    codes = pd.Series(pd.factorize(c["reply_fingerprint"])[0], index=c.index, dtype="float64")
    c["reply_fingerprint"] = codes.where(c["reply_fingerprint"] != 0)
    return c


def _next_by_the_same(c: pd.DataFrame) -> pd.Series:
    """When the same person next spoke in the same category, 0 for never."""
    known = c.loc[c["person_token"] != 0, ["person_token", "category", "received_at", "case_no"]]
    known = known.assign(category=known["category"].cat.codes)
    known = known.sort_values(["person_token", "category", "received_at", "case_no"])
    is_same = (known[["person_token", "category"]] == known[["person_token", "category"]].shift(-1)).all(axis=1)
    return known["received_at"].shift(-1).where(is_same, 0).reindex(c.index, fill_value=0)
