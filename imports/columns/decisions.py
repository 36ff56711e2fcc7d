"""The decisions handed in with a file: can they be read?"""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from imports.columns.declared import read_declared
from imports.options import ImportOptions
from imports.values.dates import ORDERS, parse_moment
from imports.values.vocabularies import parse_scale
from records.vocabulary import Channel, SurveySource

DEFAULT_ZONE = "Asia/Shanghai"


def option_faults(options: ImportOptions) -> list[str]:
    """What cannot be read of the options, one text for each.

    >>> option_faults(ImportOptions(date_order="dym"))
    ['date_order = dym (ymd mdy dmy)']
    """
    faults = []
    if options.date_order and options.date_order not in ORDERS:
        faults.append(f"date_order = {options.date_order} ({' '.join(ORDERS)})")
    if options.channel and options.channel not in set(Channel):
        faults.append(f"channel = {options.channel} ({' '.join(Channel)})")
    if options.source and options.source not in set(SurveySource):
        faults.append(f"source = {options.source} ({' '.join(SurveySource)})")
    try:
        ZoneInfo(options.timezone or DEFAULT_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        faults.append(f"timezone = {options.timezone}")
    try:
        parse_moment(options.exported_at)
        for _, text in options.scale:
            parse_scale(text)
        read_declared(options.declared_totals or "")
    except ValueError as error:
        faults.append(str(error))
    return faults
