"""Reading `text/event-stream`."""

from collections.abc import Iterable, Iterator


def lines(chunks: Iterable[str]) -> Iterator[str]:
    """Whole lines; split at line feeds only, because JSON may hold other separators of Unicode."""
    rest = ""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split("\n")
        yield from (line.removesuffix("\r") for line in whole)


def events(chunks: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(event, data) of each whole event; comments are skipped, a cut last event is dropped."""
    name, data = "message", list[str]()
    for line in lines(chunks):
        if not line:
            if data:
                yield name, "\n".join(data)
            name, data = "message", []
            continue
        label, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if label == "event":
            name = value
        elif label == "data":
            data.append(value)
