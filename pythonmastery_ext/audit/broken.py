"""Which events of a seal are not those that it was made of."""

from collections.abc import Iterator
from difflib import SequenceMatcher

from pythonmastery_ext.audit.form import MARK


def places(after: int, marks: bytes, ids: list[int], found: bytes) -> Iterator[str]:
    """`after`: events before the seal. `marks`: as it was made; `found`: of what is there."""
    before, now = _split(marks), _split(found)
    for kind, i, i_end, j, j_end in SequenceMatcher(None, before, now, False).get_opcodes():
        if kind == "equal":
            continue
        both = min(i_end - i, j_end - j)
        for number in range(both):
            yield changed(ids[j + number], after + i + number + 1)
        if i_end - i > both:
            yield missing(after + i + both + 1, after + i_end)
        for number in range(j + both, j_end):
            yield f"event {ids[number]} after {after + i_end} was put in or moved here"


def changed(event: int, place: int) -> str:
    return f"event {event} at {place} was changed, put in or moved here"


def missing(first: int, last: int) -> str:
    span = f"{first} is" if first == last else f"{first} to {last} are"
    return f"{span} missing: events were taken out"


def _split(marks: bytes) -> list[bytes]:
    return [marks[at : at + MARK] for at in range(0, len(marks), MARK)]
