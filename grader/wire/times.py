"""Dates and times with their zones, taken apart for the wire and rebuilt."""

from __future__ import annotations

import importlib
import sys
from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import Any


def pack_zone(zone: tzinfo | None) -> list[Any]:
    if zone is None:
        return []
    if type(zone) is timezone:
        offset = zone.utcoffset(None)
        return [offset.total_seconds(), zone.tzname(None)]
    zones: Any = sys.modules.get("zoneinfo")  # few submissions need it
    if zones is not None and type(zone) is zones.ZoneInfo:
        key = getattr(zone, "key", None)
        if key:
            return [key]
    raise ValueError("this time zone is not plain data")


def unpack_zone(parts: list[Any]) -> tzinfo | None:
    if not parts:
        return None
    if type(parts[0]) is str:
        found: tzinfo = importlib.import_module("zoneinfo").ZoneInfo(parts[0])
        return found
    zone = timezone(timedelta(seconds=parts[0]))
    return zone if zone.tzname(None) == parts[1] else timezone(zone.utcoffset(None), parts[1])


def unpack_datetime(parts: list[Any]) -> datetime:
    value = datetime.fromisoformat(str(parts[0]))
    return value.replace(tzinfo=unpack_zone(parts[1]), fold=int(parts[2]))


def unpack_time(parts: list[Any]) -> time:
    value = time.fromisoformat(str(parts[0]))
    return value.replace(tzinfo=unpack_zone(parts[1]), fold=int(parts[2]))
