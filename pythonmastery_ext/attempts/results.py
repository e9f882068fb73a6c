"""Results of tests as an attempt keeps them: only what its problem's version does not say.

Kept is a list with one cell for each test, in the order of the version's tests (a check: of its
samples). A cell is

- a number, the milliseconds: passed with all points;
- or `[status, milliseconds, bytes, rest]`, without what is null at its end. `rest` holds the other
  fields of TestResultOut that are neither in the version nor follow from the status.

Bytes are left out where they are those of the whole attempt, a message where it is the version's
`on_fail`. What a hidden test must not tell is not kept at all.

Where it saves something, this list is folded: then the column holds a list with one text, the
list's JSON deflated (raw, with WORDS as its dictionary) in base 85. JSONB alone makes a third more
of such a list than it has letters, and folding half of it. Before 0015 it was never folded, until
0010 it held whole TestResultOut as objects; these are read as they are.
"""

import json
import zlib
from base64 import b85decode, b85encode
from collections.abc import Sequence
from typing import Any

from pythonmastery_ext.curriculum.cells import ProblemContent, TestCell

#: What a hidden test never shows, whatever was stored.
ONLY_OF_SAMPLES = ("call", "expected", "actual", "difference", "line", "stdout")
#: In the cell itself, or in the version.
NOT_REST = ("key", "name", "visible", "status", "points", "max_points", "time_ms", "memory_bytes")

#: What results are likely to say, the likeliest last. Whoever changes a letter of it cannot read
#: what was folded before.
WORDS = (
    b'{"line":12,"module","values","repr","stdout":"","message":null,"message":",'
    b'[{"kind":"missing","path":"[\'{"kind":"extra","path":"[{"kind":"length","note":"'
    b'{"kind":"type","note":" (list) instead of  (tuple)(dict)(float)(int)(str) instead of None'
    b' (NoneType)[{"kind":"text","note":"character 1 is \' instead of \'[{"kind":"number",'
    b'"note":"too large by too small by "}],"path":"[0]","actual":"","expected":"","difference":'
    b'[{"kind":"not_run"],["timeout",5.0],1.0,2.0,10.0,20.0],["error",1.0],["error",'
    b'["failed",1.0],["passed",["failed",0.1,65536,{"call":"'
)
#: Bytes of text from which on folding saves any.
WORTH = 20

Result = dict[str, Any]


def folded(cells: list[Any]) -> list[Any]:
    plain = json.dumps(cells, separators=(",", ":")).encode()
    if len(plain) < WORTH:
        return cells
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=WORDS)
    return [b85encode(packer.compress(plain) + packer.flush()).decode()]


def unfolded(kept: Sequence[Any]) -> Sequence[Any]:
    if len(kept) != 1 or not isinstance(kept[0], str):
        return kept
    reader = zlib.decompressobj(-zlib.MAX_WBITS, zdict=WORDS)
    cells: list[Any] = json.loads(reader.decompress(b85decode(kept[0])))
    return cells


def asked(content: ProblemContent, kind: str) -> list[TestCell]:
    """The tests that an attempt of this kind is judged by."""
    return content.samples if kind == "check" else content.tests


def packed(
    results: Sequence[Result], content: ProblemContent, kind: str, memory: int | None
) -> list[Any]:
    """As it is kept; as it stands where it does not fit the version."""
    tests = asked(content, kind)
    if [result.get("key") for result in results] != [test.key for test in tests]:
        return list(results)
    return folded(
        [_cell(result, test, memory) for result, test in zip(results, tests, strict=True)]
    )


def _cell(result: Result, test: TestCell, memory: int | None) -> Any:
    status, time = result["status"], result.get("time_ms")
    said = dict(result)
    if said.get("message") == _told(status, test):
        said.pop("message", None)
    else:
        said.setdefault("message", None)
    silent = ONLY_OF_SAMPLES if test.visible == "hidden" else ()
    rest = {name: said[name] for name in said if name not in NOT_REST and name not in silent}
    if result.get("points") != _worth(status, test):
        rest["points"] = result.get("points")
    if result.get("max_points", test.weight) != test.weight:
        rest["max_points"] = result["max_points"]
    own = result.get("memory_bytes")
    # False: none, where that of the attempt would be read.
    size = None if own == memory else own or False
    if status == "passed" and time is not None and size is None and not rest:
        return time
    cell = [status, time, size, rest or None]
    while cell[-1] is None:
        cell.pop()
    return cell


def unpacked(
    kept: Sequence[Any] | None, content: ProblemContent, kind: str, memory: int | None
) -> list[Result]:
    """As the grader told it, in the form of TestResultOut."""
    if not kept or isinstance(kept[0], dict):
        return list(kept or ())
    cells, tests = unfolded(kept), asked(content, kind)
    return [_result(cell, test, memory) for cell, test in zip(cells, tests, strict=True)]


def _result(cell: Any, test: TestCell, memory: int | None) -> Result:
    parts = cell if isinstance(cell, list) else ["passed", cell]
    status, time, size, rest = [*parts, None, None, None][:4]
    found = {
        "key": test.key,
        "name": test.name,
        "visible": test.visible,
        "status": status,
        "points": _worth(status, test),
        "max_points": test.weight,
        "message": _told(status, test),
        "time_ms": time,
        "memory_bytes": memory if size is None else size or None,
        **(rest or {}),
    }
    return {name: value for name, value in found.items() if value is not None}


def _worth(status: str, test: TestCell) -> int:
    return test.weight if status == "passed" else 0


def _told(status: str, test: TestCell) -> str | None:
    return None if status == "passed" else test.on_fail


def went(kept: Sequence[Any]) -> list[str]:
    """The status of each test, in order."""
    return [_status(part) for part in unfolded(kept)]


def _status(part: Any) -> str:
    if isinstance(part, dict):
        return str(part["status"])
    return str(part[0]) if isinstance(part, list) else "passed"


def without_nulls(details: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in details.items() if value is not None}
