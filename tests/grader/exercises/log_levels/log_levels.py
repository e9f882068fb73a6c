from enum import Enum


class LogLevel(Enum):
    Trace = "TRC"
    Debug = "DBG"
    Warning = "WRN"
    Warn = "WRN"
    Unknown = "UNK"


def parse(m):
    k = m[1:4]
    return LogLevel(k) if k in LogLevel._value2member_map_ else LogLevel.Unknown


def members(enum):
    return [(m.name, m.value) for m in enum]


def alias():
    return LogLevel("WRN")
