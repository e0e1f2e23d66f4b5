"""Runs tests as attempts of a run: each is claimed before it starts and reported as soon as it ends."""

import contextlib
import functools
import logging
import math
import os
import time
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from uitest import log
from uitest.compat import features, pytest_private, xdist_private
from uitest.executors.attempt import Assignment, LeaseHolder, Task, worker_id
from uitest.executors.pytest_session import problem_file, status_file
from uitest.jobs.scheduling import queue_index
from uitest.masking import masked
from uitest.model import Attempt, Verdict
from uitest.plugin import options
from uitest.plugin.artifacts.capture import CAPTURES
from uitest.plugin.artifacts.tracing import IS_REPEATED
from uitest.plugin.collection.absent import Absences
from uitest.plugin.collection.case_ids import IDS
from uitest.plugin.collection.cases import match
from uitest.plugin.collection.list_cases import import_problem
from uitest.plugin.collection.shared_drivers import sharing
from uitest.plugin.option_table import CASE_TIMEOUT_S
from uitest.plugin.text import sendable
from uitest.plugin.worker.attempt_maker import WARNINGS, AttemptMaker
from uitest.plugin.worker.attempt_warnings import AttemptWarnings
from uitest.plugin.worker.channel import make_robust
from uitest.plugin.worker.exits import EXIT_EXCEPTIONS, described, reopen_output
from uitest.plugin.worker.import_notes import IMPORT_NOTES
from uitest.plugin.worker.reports import REPORTS, Reports
from uitest.plugin.worker.session_status import Status
from uitest.plugin.worker.sharing import find_groups, grouped, read_groups, write_groups
from uitest.plugin.worker.worker_ends import WorkerEnds
from uitest.short_text import first_line

LOGGER = logging.getLogger(__name__)

TASK = pytest.StashKey[Task]()
IS_CLAIMED = pytest.StashKey[bool]()
"""Whether this worker has claimed the attempt and has time for it."""

MIN_CASE_S = 1.0
"""Minimum time left before a case may start; with less it would only time out."""


class MissingCase(pytest.Item):
    """A placeholder for a missing case, so that in every worker the n-th test belongs to the n-th task."""

    def runtest(self) -> None:
        """Never called."""


class Gate:
    """A second plugin, which skips a test before any other plugin runs it."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """True for a test that is not to be run here, so that no other plugin runs it."""
        return None if item.stash[IS_CLAIMED] and not isinstance(item, MissingCase) else True


class RunWorker:
    """The pytest plugin of a worker with an assignment.

    A test runs between claim and report, also if another plugin runs or repeats it. The last report of a worker waits
    for the end of the session, so that a bad exit status is in the store before the run can end.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.assignment = Assignment.read(path)
        self._holder: LeaseHolder | None = None
        self._attempts = AttemptMaker(self.assignment.time_budget)
        self._problems: list[str] = []
        self._status, self._absences = Status(), Absences()
        self._reports: Reports | None = None
        """The reports of the running test."""
        self._last = contextlib.ExitStack()
        """The attempt of the last test, which is reported at the end of the session."""

    def register(self, config: pytest.Config) -> None:
        """Register this and its helper plugins."""
        make_robust(config)
        # The last one's wrappers are around all others.
        for plugin in (Gate(), self._status, self._absences, WorkerEnds(self.path), self):
            config.pluginmanager.register(plugin, f"uitest-{type(plugin).__name__.lower()}")

    def first_browser(self, config: pytest.Config) -> str | None:
        """The first engine that this worker needs, or None."""
        schedule, tasks = self.assignment.schedule, self.assignment.tasks
        queue: Sequence[int] = range(len(tasks))
        if schedule is not None and hasattr(config, "workerinput"):
            place = queue_index(config.workerinput["workerid"])
            queue = schedule.queues[place] if place < len(schedule.queues) else ()
        return tasks[queue[0]].job.browser if queue else None

    @property
    def holder(self) -> LeaseHolder:
        """The lease holder, opened on first use, as xdist's controller needs no store."""
        if self._holder is None:
            time_budget = self.assignment.time_budget
            self._holder = LeaseHolder(self.assignment, time_budget.owner if time_budget else worker_id())
        return self._holder

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Record files that cannot be imported."""
        if report.failed:
            self._problems.append(import_problem(report))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Select one test for each task, in their order; with broken files none, and report the problem.

        Tests that share a driver come together: xdist's controller is told which ones they are, and a session without
        xdist runs them one after the other.
        """
        if self._problems:
            self.report_problems(self._problems)
            session.config.hook.pytest_deselected(items=list(items))
            items[:] = []
            return
        try:
            matches = match(items, self.assignment.tasks, session.config.stash[IDS])
        except pytest.UsageError as exc:
            self.report_problems([str(exc)])
            raise
        shared = sharing(items)
        items[:] = [item or MissingCase.from_parent(session, name=task.job.key) for item, task in matches]
        for item, (_, task) in zip(items, matches, strict=True):
            item.stash[TASK] = task
        groups = find_groups(items, shared)
        if not hasattr(session.config, "workerinput"):
            items[:] = grouped(items, groups)
        elif groups:
            write_groups(self.path, groups)

    def report_problems(self, problems: list[str]) -> None:
        """Write a message for the coordinator, which stops the run."""
        part = self.path.with_suffix(f".{os.getpid()}")
        part.write_text("\n".join(problems))
        part.replace(problem_file(self.path))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Pass this process's warnings to the first worker, since only attempts can carry them."""
        if self.assignment.schedule is not None:
            xdist_private.scheduling_is_known()
        node.workerinput[WARNINGS] = features.take_warnings()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Schedule the tests by the assignment's queues; None for xdist's own scheduling if that is impossible."""
        if self.assignment.schedule is None or not xdist_private.scheduling_is_known():
            return None
        # They need xdist, which a worker without it does not have.
        from uitest.plugin.worker.worker_growth import WorkerGrowth
        from uitest.plugin.worker.xdist_scheduling import QueueScheduling
        from uitest.system.worker_count import Machine

        jobs = [task.job for task in self.assignment.tasks]
        schedule, plan = self.assignment.schedule, self.path
        growth = None
        if self.assignment.adds_workers:
            growth = WorkerGrowth(len(schedule.queues), Machine(), functools.partial(xdist_private.add_worker, config))
        return QueueScheduling(config, log, jobs, schedule, lambda: read_groups(plan), growth=growth)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        """Run a test as an attempt of its job; skip it if it is claimed elsewhere or there is no time for it."""
        task, started = item.stash[TASK], self.holder.clock()
        with contextlib.ExitStack() as held:
            in_time = self._left() >= MIN_CASE_S
            item.stash[IS_CLAIMED] = in_time and held.enter_context(self.holder.claim(task))
            if not item.stash[IS_CLAIMED] or isinstance(item, MissingCase):
                leftover = pytest_private.end_fixtures(item, nextitem)
                if leftover is not None:  # belongs to no case any more, but is an error in plain pytest
                    self._mark_run_red(f"a fixture broke after its last case: {described(leftover)}")
                yield
                if item.stash[IS_CLAIMED]:
                    self.holder.finish(task, self._missing(item.config, task, started))
                return True
            logged = held.enter_context(AttemptWarnings())
            self._reports = item.stash[REPORTS] = Reports(item.session)
            item.stash[CAPTURES], broken = [], None
            item.stash[IS_REPEATED] = task.number > 1
            try:
                yield
            except (Exception, *EXIT_EXCEPTIONS) as exc:
                LOGGER.info("a pytest hook raised", exc_info=True)
                broken = exc  # an error in a hook of another plugin or a conftest file costs only this case
            reopen_output(item.config)
            leftover = pytest_private.end_fixtures(item, nextitem)  # does nothing unless a hook raised
            attempt = self._attempts.of_test(self.holder, item, task, started, broken=broken or leftover, logged=logged)
            attempt = self._announced(item, task, attempt)
            if nextitem is None:
                self._last = held.pop_all()
                self._last.callback(self.holder.finish, task, attempt)
            else:
                self.holder.finish(task, attempt)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the report, which is evaluated when the test is over."""
        if self._reports is not None:  # None in xdist's controller
            self._reports.add(report)

    def _missing(self, config: pytest.Config, task: Task, started: float) -> Attempt:
        """The attempt of a case without a test."""
        imports: Any = config.pluginmanager.get_plugin(IMPORT_NOTES)
        verdict, reason = self._absences.verdict(task.job, config.stash[IDS], imports.left_out)
        reason = first_line(masked(reason, options.secrets(config)))
        return self._attempts.of_verdict(
            self.holder, task, verdict, started, error=reason, final=verdict is Verdict.ERROR
        )

    def case_timeout(self, item: pytest.Item, otherwise: float) -> float:
        """Time limit of this test in seconds: its module's, else the run's, else the default, also without a browser.

        It is never more than the remaining time of the worker.
        """
        limits = (item.stash[TASK].job.timeout, self.assignment.case_timeout, otherwise or CASE_TIMEOUT_S)
        seconds = next(s for s in limits if s is not None)
        remaining = self._left()
        return min(seconds or remaining, remaining) if math.isfinite(remaining) else seconds

    def _left(self) -> float:
        """Seconds until this worker must end."""
        time_budget = self.assignment.time_budget
        return time_budget.until - time.monotonic() if time_budget else math.inf

    def _announced(self, item: pytest.Item, task: Task, attempt: Attempt) -> Attempt:
        """The attempt, once the hook for it was called; with a warning if that broke."""
        try:
            item.config.hook.pytest_uitest_attempt_finished(
                item=item, run=self.assignment.run, job=task.job, attempt=attempt
            )
        except Exception as exc:
            LOGGER.warning("the hook pytest_uitest_attempt_finished raised", exc_info=True)
            warning = masked(
                f"the hook pytest_uitest_attempt_finished raised {described(exc)}", options.secrets(item.config)
            )
            return replace(attempt, warnings=(*attempt.warnings, sendable(warning)))
        return attempt

    def _mark_run_red(self, why: str) -> None:
        """Make the run red for a reason outside of its cases."""
        self.holder.blame(sendable(why))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Report the last test, after the status of the session.

        This is not left to ``pytest_unconfigure``, where hooks of the suite may end this process first.
        """
        result = yield
        problem = self._status.conclude()
        if problem and not self._problems:
            self._mark_run_red(problem)
        if not hasattr(session.config, "workerinput"):
            status_file(self.path).write_text(str(self._status.exit_status))
        self._last.close()
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self) -> None:
        """Close what this worker holds."""
        self._attempts.close()
        if self._holder is not None:
            # Every report has been written already.
            with log.suppress(LOGGER, "the store could not be closed", Exception):
                self._holder.close()
