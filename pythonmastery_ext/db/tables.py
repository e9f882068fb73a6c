"""All tables, for migrations only.

The nouns stand above this package and import it, so nothing here may import them: their modules are
named and loaded when a migration asks.
"""

from importlib import import_module

from sqlalchemy import MetaData

from pythonmastery_ext.db.base import Base

NOUNS = (
    "accounts",
    "adaptive",
    "analytics",
    "attempts",
    "audit",
    "curriculum",
    "features",
    "grading",
    "hints",
    "limits",
    "privacy",
    "progress",
    "regrading",
    "tutor",
)


def metadata() -> MetaData:
    """What the models say the schema is."""
    for noun in NOUNS:
        import_module(f"pythonmastery_ext.{noun}.models")
    return Base.metadata
