"""Dates and times with their zones, taken apart for the wire and rebuilt."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any


def pack_zone(zone: datetime.tzinfo | None) -> list[Any]:
    if zone is None:
        return []
    if type(zone) is datetime.timezone:
        offset = zone.utcoffset(None)
        return [offset.total_seconds(), zone.tzname(None)]
    if type(zone) is zoneinfo.ZoneInfo and zone.key:
        return [zone.key]
    raise ValueError("this time zone is not plain data")


def unpack_zone(parts: list[Any]) -> datetime.tzinfo | None:
    if not parts:
        return None
    if type(parts[0]) is str:
        return zoneinfo.ZoneInfo(parts[0])
    zone = datetime.timezone(datetime.timedelta(seconds=parts[0]))
    return (
        zone if zone.tzname(None) == parts[1] else datetime.timezone(zone.utcoffset(None), parts[1])
    )


def unpack_datetime(parts: list[Any]) -> datetime.datetime:
    value = datetime.datetime.fromisoformat(str(parts[0]))
    return value.replace(tzinfo=unpack_zone(parts[1]), fold=int(parts[2]))


def unpack_time(parts: list[Any]) -> datetime.time:
    value = datetime.time.fromisoformat(str(parts[0]))
    return value.replace(tzinfo=unpack_zone(parts[1]), fold=int(parts[2]))
