"""Reads the statements of a migration for what would hold up or break the code that still runs."""

import re
from collections.abc import Iterable, Iterator

#: Hundreds of rows: whatever reads all of them takes milliseconds.
COURSE = frozenset(
    {"hint", "problem", "problem_profile", "problem_version", "section", "test_case"}
)
#: A row a person, tens of thousands at most.
PEOPLE = frozenset({"app_user", "user_profile", "user_stats"})

#: Sentence → statement; `table` is what it is done to.
BREAKS = {
    "is dropped, and the code that runs may still use it": r"drop (table|view|materialized view)"
    r" (if exists )?(?P<table>\w+)",
    "loses a column that the code that runs may still use": r"alter table (?P<table>\w+)"
    r" drop column",
    "or a column of it gets another name": r"alter (table|index) (?P<table>\w+) rename",
    "gets a column that the code that runs does not fill": r"alter table (?P<table>\w+)"
    r" add column (?!.*\bdefault\b).*\bnot null",
    "gets a column of another type, or one that may no longer be null": r"alter table"
    r" (?P<table>\w+) alter column \w+ (set data )?(type|set not null)",
}
HOLDS_UP = {
    "is written anew as a whole, for a default that differs in each row": r"alter table"
    r" (?P<table>\w+) add column .*default (gen_random_uuid|random|clock_timestamp|nextval)",
    "is read as a whole under a lock: add the constraint `not valid`, then validate it": r"alter"
    r" table (?P<table>\w+) add constraint (?!.*(not valid|using index))",
    "takes no writes while an index is made: do it concurrently, by month": r"create (unique )?"
    r"index (?!concurrently)(if not exists )?\w+ on (?!only)(?P<table>\w+)",
    "is changed as a whole in one transaction: do it in batches": r"(update|delete from)"
    r" (?P<table>\w+) (?!.*\blimit\b)",
}


def dangers(statements: Iterable[str], existing: set[str]) -> Iterator[str]:
    """A sentence for each danger to a table that existed before."""
    limits = {"lock_timeout": False, "statement_timeout": False}
    for raw in statements:
        statement = re.sub(r"\s+", " ", raw.strip().lower()).replace('"', "")
        for name in limits:
            limits[name] |= statement.startswith(f"set {name} = ")
        if re.match(r"(alter|create|drop|update|delete)", statement) and not all(limits.values()):
            yield f"no limit on waiting or on time is set before: {statement:.100}"
        yield from _found(statement, BREAKS, existing)
        yield from _found(statement, HOLDS_UP, existing - COURSE - PEOPLE)


def _found(statement: str, rules: dict[str, str], tables: set[str]) -> Iterator[str]:
    for sentence, pattern in rules.items():
        found = re.match(pattern, statement)
        if found and found["table"] in tables:
            yield f"{found['table']} {sentence}: {statement:.100}"
