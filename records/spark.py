"""The same statements on Apache Spark, over the same Parquet files. The only module that knows Spark.

Needs `pip install 'wenxiao[spark]'` and Java 17. Every path must be visible to all workers under the same name.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from records.engine import EngineError
from records.engine_views import Columns, PartFiles, Query, View, as_array
from records.vocabulary import ColumnType

if TYPE_CHECKING:
    from records.instance import Instance

LOCAL = "spark-local"
SPARK_TYPES = {ColumnType.TIME: "TIMESTAMP_NTZ", ColumnType.TEXT: "STRING", ColumnType.REAL: "DOUBLE",
               ColumnType.INTEGER: "INT"}  # fmt: skip
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "8",
    "spark.driver.memory": "2g",
    "spark.executor.memory": "1g",
    "spark.log.level": "ERROR",
    "spark.ui.showConsoleProgress": "false",
}


@dataclass(frozen=True)
class SparkStatements:
    """The views of one question in a Spark session."""

    session: Any

    def run(self, text: str) -> list[tuple[Any, ...]]:
        """All rows a statement answers."""
        return [tuple(row) for row in self.session.sql(text).collect()]

    def arrays(self, text: str) -> dict[str, np.ndarray]:
        """The answer as one numpy array per column; masked where a column of numbers holds nulls."""
        frame = self.session.sql(text)
        columns = list(zip(*frame.collect(), strict=True)) or [()] * len(frame.columns)
        return {name: as_array(values) for name, values in zip(frame.columns, columns, strict=True)}


@dataclass(frozen=True)
class SparkEngine:
    """Runs statements on a Spark master: `spark-local` for this machine alone, or `spark://host:port`.

    Settings of Spark that differ from the ones here go into `spark-defaults.conf`, as with any Spark program, or into
    `settings`.
    """

    instance: Instance | None
    master: str = LOCAL
    settings: Mapping[str, str] | None = None

    @contextmanager
    def open(self, views: Mapping[str, View]) -> Iterator[SparkStatements]:
        """Several statements over the same views in one session, which is stopped at the end.

        Raises EngineError without pyspark or Java, and when Spark refuses a statement or loses all its workers.
        """
        session = self._session()
        from pyspark.errors import PySparkException

        try:
            for name, view in views.items():
                add_view(session, name, view)
            yield SparkStatements(session)
        except PySparkException as error:
            raise EngineError(f"Spark refused a statement: {str(error).splitlines()[0]}") from error
        finally:
            session.stop()

    def _session(self) -> Any:
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise EngineError("Spark is not installed here: pip install 'wenxiao[spark]'") from error
        if shutil.which("java") is None:
            raise EngineError("Spark needs Java 17, and there is no java on the path")
        is_local = self.master == LOCAL
        builder = SparkSession.builder.appName("wenxiao").master("local[*]" if is_local else self.master)
        settings = SETTINGS | ({"spark.local.dir": str(self.instance.scratch_folder)} if self.instance else {})
        if is_local:
            settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        for name, value in (settings | dict(self.settings or {})).items():
            builder = builder.config(name, value)
        return builder.getOrCreate()


def is_spark(name: str) -> bool:
    """Is this the name of a Spark engine?

    >>> is_spark("spark-local"), is_spark("spark://10.0.0.5:7077"), is_spark("duckdb")
    (True, True, False)
    """
    return name == LOCAL or name.startswith("spark://")


def add_view(session: Any, name: str, view: View) -> None:
    """Make a view known to a session. Raises EngineError for a query, which reads places in files."""
    if isinstance(view, Query):
        raise EngineError("a query over places in files is for the embedded engine")
    frame = _files(session, view) if isinstance(view, PartFiles) else _columns(session, view)
    frame.createOrReplaceTempView(name)


def _files(session: Any, view: PartFiles) -> Any:
    from pyspark.sql import functions as f

    types = {column.name: SPARK_TYPES.get(column.type, column.type.value) for column in view.columns}
    if not view.paths:
        return session.createDataFrame([], ", ".join(f"{name} {kind}" for name, kind in types.items()))
    if view.batches:
        parts = [
            session.read.parquet(str(path)).withColumn("batch", f.lit(number).cast("BIGINT"))
            for path, number in zip(view.paths, view.batches, strict=True)
        ]
        frame = parts[0]
        for part in parts[1:]:
            frame = frame.unionByName(part, allowMissingColumns=True)
    else:
        frame = session.read.option("mergeSchema", "true").parquet(*map(str, view.paths))
    if not types:
        return frame
    known = set(frame.columns)
    return frame.select(
        *((f.col(name) if name in known else f.lit(None)).cast(kind).alias(name) for name, kind in types.items())
    )


def _columns(session: Any, view: Columns) -> Any:
    types = view.types or {}
    kinds = {name: SPARK_TYPES.get(types[name], types[name].value) if name in types else None for name in view.values}
    rows = list(zip(*view.values.values(), strict=True))
    schema = ", ".join(f"{name} {kind or 'BIGINT'}" for name, kind in kinds.items())
    return session.createDataFrame(rows, schema)
