"""Cases as jobs of a run: each is claimed before it runs and reported the moment it is over."""

import contextlib
import math
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from uitest.attempt import Assignment, Holder, Task, first_line, worker_id
from uitest.errors import PlaceError
from uitest.memory import PeakMemory
from uitest.model import DETAIL_LIMIT, Attempt, Verdict
from uitest.plugin import meter, options
from uitest.plugin.capture import CAPTURES
from uitest.plugin.cases import IDS, match
from uitest.plugin.collect import import_problem
from uitest.plugin.fixtures import VERSION
from uitest.plugin.options import CASE_TIMEOUT_S
from uitest.plugin.verdict import PHASES, Phase, judge
from uitest.schedule import place_of
from uitest.session import problem_file

TASK = pytest.StashKey[Task]()

NEEDED_S = 1.0
"""A case does not begin in the last moments of its worker: it could only time out."""

WHOLE_LIMIT = 1_000_000
"""Characters of a detail kept as an artifact when its row cannot hold it."""


class Missing(pytest.Item):
    """Stands in for a case that is not in the case files, so that in every worker the n-th test is the n-th task."""

    def runtest(self) -> None:
        """Never called: there is nothing to run."""


class Jobs:
    """The pytest plugin object of a worker that has an assignment."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.assignment = Assignment.read(path)
        self._holder: Holder | None = None
        self._billed_until = self.assignment.stint.began if self.assignment.stint else 0.0
        # The function's process has a browser that was kept for this worker, and shares the memory that is paid for.
        self._memory = PeakMemory(os.getppid()) if self.assignment.stint else None
        self._problems: list[str] = []

    def first_browser(self, config: pytest.Config) -> str | None:
        """The engine that this worker needs first, None if it needs none."""
        schedule, tasks = self.assignment.schedule, self.assignment.tasks
        queue: Sequence[int] = range(len(tasks))
        if schedule is not None and hasattr(config, "workerinput"):
            place = place_of(config.workerinput["workerid"])
            queue = schedule.queues[place] if place < len(schedule.queues) else ()
        return tasks[queue[0]].job.browser if queue else None

    @property
    def holder(self) -> Holder:
        """Opened on first use: the process that only hands out tests to workers needs no store."""
        if self._holder is None:
            stint = self.assignment.stint
            self._holder = Holder(self.assignment, stint.owner if stint else worker_id())
        return self._holder

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember what cannot be imported."""
        if report.failed:
            self._problems.append(import_problem(report))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """One test for each task, in their order; with broken files none, and say why."""
        if self._problems:
            self.tell(self._problems)
            session.config.hook.pytest_deselected(items=list(items))
            items[:] = []
            return
        try:
            found = match(items, self.assignment.tasks, session.config.stash[IDS])
        except pytest.UsageError as exc:
            self.tell([str(exc)])
            raise
        items[:] = [item or Missing.from_parent(session, name=task.job.key) for item, task in found]
        for item, (_, task) in zip(items, found, strict=True):
            item.stash[TASK] = task

    def tell(self, problems: list[str]) -> None:
        """Leave a message for the coordinator, which stops the run with it."""
        part = self.path.with_suffix(f".{os.getpid()}")
        part.write_text("\n".join(problems))
        part.replace(problem_file(self.path))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Hand out the tests by the assignment's queues; None (xdist's own way) where it has none."""
        if self.assignment.schedule is None:
            return None
        from uitest.plugin.schedule import QueueScheduling  # needs xdist, which a worker without it does not

        jobs = [task.job for task in self.assignment.tasks]
        return QueueScheduling(config, log, jobs, self.assignment.schedule)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run a test as an attempt of its job; one that others have or that no time is left for is passed over."""
        task = item.stash[TASK]
        started = self.holder.clock()
        if self._left(started) < NEEDED_S:
            _pass_over(item, nextitem)
            return True
        with self.holder.claim(task) as held:
            if not held:
                _pass_over(item, nextitem)
            elif isinstance(item, Missing):
                self._report_missing(task, started)
            else:
                item.stash[PHASES], item.stash[CAPTURES] = [], []
                item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
                runtestprotocol(item, nextitem=nextitem)
                item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
                self._report(item, task, started)
        return True

    def _report_missing(self, task: Task, started: float) -> None:
        said = f"no case {task.job.case!r} in the case files; mend module {task.job.module!r} or the case's id"
        self.holder.finish(task, self._attempt(task, Verdict.ERROR, started, error=said, final=True))

    def case_timeout(self, item: pytest.Item, otherwise: float) -> float:
        """Seconds this test may take: its module's, else the run's, else the default, also without a browser.

        Never more than are left of the worker's time.
        """
        given = (item.stash[TASK].job.timeout, self.assignment.case_timeout, otherwise or CASE_TIMEOUT_S)
        seconds = next(s for s in given if s is not None)
        left = self._left(time.time())
        return min(seconds or left, left) if math.isfinite(left) else seconds

    def _left(self, now: float) -> float:
        """Seconds until this worker has to be done."""
        stint = self.assignment.stint
        return stint.until - now if stint else math.inf

    def _report(self, item: pytest.Item, task: Task, started: float) -> None:
        phases: list[Phase] = item.stash[PHASES]
        secrets = options.secrets(item.config)
        judgement = judge(phases).masked(secrets)
        files: dict[str, bytes] = {}
        warnings: list[str] = []
        for capture in item.stash[CAPTURES]:
            files.update(capture.files)
            warnings += capture.warnings
        detail = judgement.detail
        if detail and len(detail) > DETAIL_LIMIT:
            files["detail.txt"] = detail[:WHOLE_LIMIT].encode(errors="replace")
            detail = detail[: DETAIL_LIMIT - 60] + "\n… cut here; the whole text is in detail.txt"
        saved = []
        for name, data in files.items():
            try:
                self.holder.save(task, name, data)
                saved.append(name)
            except PlaceError as exc:
                warnings.append(f"{name} could not be kept: {exc}")
        self.holder.finish(
            task,
            self._attempt(
                task,
                judgement.verdict,
                started,
                error=first_line(judgement.error) if judgement.error else None,
                detail=detail,
                artifacts=tuple(saved),
                warnings=tuple(dict.fromkeys(warnings)),
                browser_version=item.stash.get(VERSION, None),
                spent=meter.current().spent,
                page_url=next((capture.url for capture in item.stash[CAPTURES] if capture.url), None),
            ),
        )

    def _attempt(self, task: Task, verdict: Verdict, started: float, **more: Any) -> Attempt:
        now = self.holder.clock()
        if self.assignment.stint:
            # Time between two reports belongs to the later one: the first pays for pytest's start and the browser's.
            more["billed_s"] = round(now - self._billed_until, 3)
            more["memory_mb"], self._billed_until = self.assignment.stint.memory_mb, now
            more["peak_mb"] = self._memory.take() if self._memory else None
        return Attempt(
            task.number, self.holder.owner, verdict, started, round(now - started, 4), self.holder.layer, **more
        )

    def pytest_unconfigure(self) -> None:
        """Let go of the store."""
        if self._memory is not None:
            self._memory.close()
        if self._holder is not None:
            with contextlib.suppress(Exception):  # nothing is left to lose: every report has been written
                self._holder.close()


def _pass_over(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Leave a test out: end the fixtures that were kept for it and that the next one does not share.

    What breaks in them is nobody's verdict any more.
    """
    state = item.session._setupstate
    pytest.CallInfo.from_call(lambda: state.teardown_exact(nextitem), "teardown", reraise=pytest.exit.Exception)
