"""The queue, those who work on it, and what the database needs ahead."""

from typing import Any

from pythonmastery_ext.db import measures
from pythonmastery_ext.grading import heartbeat
from pythonmastery_ext.panel.base import PageHandler
from pythonmastery_ext.panel.listing import Column, plain

#: Seconds that an attempt may wait before it is worth a look.
LONG = 60


class QueuePage(PageHandler):
    async def get(self) -> None:
        async with self.authority.db.transaction() as db:
            figures = await measures.read(db)
            workers, now = await heartbeat.workers(db)
        jobs: dict[str, dict[str, int]] = {}
        for (task, state), count in sorted(figures.jobs.items()):
            jobs.setdefault(task, {})[state] = count
        self.page(
            "queue.html",
            figures=figures,
            long=LONG,
            waiting=sum(states.get("todo", 0) for states in jobs.values()),
            failed=sum(states.get("failed", 0) for states in jobs.values()),
            alive=[worker for worker in workers if now - worker.seen_at < heartbeat.GONE],
            jobs=plain(
                "Jobs by task",
                [
                    "Task",
                    *(Column(title, numeric=True) for title in ("Waiting", "Doing", "Failed")),
                ],
                list(jobs.items()),
            ),
            workers=plain(
                "Workers",
                ["Host", "Grader", "Isolation", Column("At once", numeric=True), "Seen", "Since"],
                [(worker, (now - worker.seen_at).total_seconds()) for worker in workers],
            ),
            gone=heartbeat.GONE.total_seconds(),
            verdicts=plain(
                "Verdicts of the last minutes",
                ["Verdict", *(Column(t, numeric=True) for t in ("Number", "Median", "95 %"))],
                sorted(figures.verdicts.items()),
            ),
        )


PAGES: list[tuple[str, Any]] = [("admin/queue", QueuePage)]
