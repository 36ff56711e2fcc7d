"""Small pieces of portable SQL: what DuckDB, Spark, PostgreSQL and SQLite read alike. Integers only, no division."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, func, literal_column, null, or_
from sqlalchemy.dialects import postgresql

Expression = ColumnElement[Any]
# Named style, because the default one of this dialect doubles every percent sign.
_DIALECT = postgresql.dialect(paramstyle="named")


def text_of(statement: Select[Any]) -> str:
    """The statement as one literal text, the same for every engine."""
    return str(statement.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))


def number(value: int) -> Expression:
    """An integer literal wide enough for sums of seconds."""
    return literal_column(f"CAST({int(value)} AS BIGINT)", BigInteger)


def big(expression: Any) -> Expression:
    """The expression as a 64-bit integer, whatever an engine makes of it."""
    return cast(expression, BigInteger)


def flag(*conditions: Any) -> Expression:
    """1 where all conditions hold, else 0; a null condition counts as not holding."""
    return case((and_(*conditions), number(1)), else_=number(0))


def flag_any(*conditions: Any) -> Expression:
    """1 where one condition holds, else 0."""
    return case((or_(*conditions), number(1)), else_=number(0))


def total(expression: Any) -> Expression:
    """A sum that is 0 for no rows."""
    return big(func.coalesce(func.sum(expression), 0))


def count_where(*conditions: Any) -> Expression:
    """How many rows fulfil all conditions; ones of a small type are added up faster than wide ones."""
    return total(case((and_(*conditions), literal_column("1")), else_=literal_column("0")))


def first_known(pairs: Sequence[tuple[Any, Any]]) -> Expression:
    """The value of the first pair whose condition holds, else null."""
    return case(*pairs, else_=null()) if pairs else null()


def smaller(a: Any, b: Any) -> Expression:
    """The smaller of two; the second where either is null. No engine's own LEAST, for they treat nulls differently."""
    return case((a <= b, a), else_=b)


def larger(a: Any, b: Any) -> Expression:
    """The larger of two; the second where either is null."""
    return case((a >= b, a), else_=b)
