"""One problem of the course folder, and the rows that are derived from it."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from pythonmastery_ext.curriculum import asserts, inputs
from pythonmastery_ext.curriculum.cells import ProblemContent
from pythonmastery_ext.curriculum.models import Hint, ProblemVersion, TestCase


@dataclass(frozen=True)
class Incoming:
    section: str
    content: ProblemContent
    notebook: dict[str, Any]

    @property
    def sha(self) -> str:
        """All that is derived is in it, so that a new way of deriving reaches old versions."""
        whole = [self.content.to_json(), self.notebook, self._split()]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()

    def _split(self) -> list[asserts.Parts | None]:
        entry = self.content.solution.entry
        split = (asserts.split(test.source, entry) for test in self.content.tests)
        return [parts and ({**parts[0], **inputs.described(parts[0])}, parts[1]) for parts in split]

    def tests(self, version: ProblemVersion) -> list[TestCase]:
        rows = []
        pairs = zip(self.content.tests, self._split(), strict=True)
        for order, (test, parts) in enumerate(pairs, start=1):
            call, value = parts or (None, None)
            rows.append(
                TestCase(
                    problem_id=version.problem_id,
                    version_id=version.id,
                    key=test.key,
                    name=test.name,
                    order_index=order,
                    source=test.source,
                    input_data=call,
                    expected_output=value,
                    is_sample=test.visible == "sample",
                    weight=test.weight,
                    on_fail=test.on_fail,
                )
            )
        return rows

    def hints(self, version: ProblemVersion) -> list[Hint]:
        return [
            Hint(
                problem_id=version.problem_id,
                version_id=version.id,
                hint_order=hint.level,
                kind=hint.kind,
                hint_text=hint.text,
                links=list(hint.links),
                unlock_condition=hint.unlock,
            )
            for hint in self.content.hints
        ]
