"""Makes the attempt of a finished test: its files are saved, its texts masked and cut, its time is billed."""

import logging
import os
import time
import traceback
from typing import Any

import pytest

from uitest.compat import features
from uitest.errors import PlaceError
from uitest.executors.attempt import LeaseHolder, Task, TimeBudget
from uitest.masking import masked
from uitest.model import DETAIL_LIMIT, Attempt, Verdict
from uitest.plugin import options
from uitest.plugin.artifacts.capture import CAPTURES
from uitest.plugin.drivers import VERSION
from uitest.plugin.failure_point import FailurePoint
from uitest.plugin.text import sendable
from uitest.plugin.timing import time_meter
from uitest.plugin.worker.attempt_warnings import AttemptWarnings
from uitest.plugin.worker.exits import described
from uitest.plugin.worker.reports import REPORTS
from uitest.plugin.worker.verdict import Judgement, judge
from uitest.short_text import first_line
from uitest.system.memory_monitor import PeakMemory

LOGGER = logging.getLogger(__name__)

WARNINGS = "uitest_warnings"
"""Name under which a worker of xdist gets warnings for its first attempt."""

WHOLE_LIMIT = 1_000_000
"""Maximum number of characters of a detail that is saved as an artifact because it does not fit into the row."""


class AttemptMaker:
    """Makes the attempts of one worker."""

    def __init__(self, time_budget: TimeBudget | None) -> None:
        """``time_budget`` is that of a function's invocation, None elsewhere."""
        self._time_budget = time_budget
        self._billed_until = time_budget.began if time_budget else 0.0
        # Includes the function's process, which may have started the kept browser and shares the billed memory.
        self._memory = PeakMemory(os.getppid()) if time_budget else None

    def of_test(
        self, holder: LeaseHolder, item: pytest.Item, task: Task, started: float, *,
        broken: BaseException | None, logged: AttemptWarnings,
    ) -> Attempt:  # fmt: skip
        """Save the files of a finished test and return its attempt.

        ``broken`` is an exception that a hook raised, ``logged`` are the warnings that were logged meanwhile.
        """
        reports = item.stash[REPORTS]
        judgement = judge(reports.phases(), counted_failed=reports.was_counted_failed)
        if broken is not None:
            text = "".join(traceback.format_exception(broken))
            judgement = Judgement(Verdict.ERROR, f"a pytest hook raised {described(broken)}", text)
        secrets = options.secrets(item.config)
        judgement = judgement.masked(secrets)
        files: dict[str, bytes] = {}
        warnings = getattr(item.config, "workerinput", {}).pop(WARNINGS, []) + features.take_warnings()
        warnings += [f"tried again by a plugin after: {first_line(why)}" for why in judgement.reruns]
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
                holder.save(task, name, data)
                saved.append(name)
            except PlaceError as exc:
                LOGGER.warning("%s could not be saved: %s", name, exc, exc_info=True)
        warnings = logged.added_to(warnings)
        return self.of_verdict(
            holder,
            task,
            judgement.verdict,
            started,
            error=first_line(judgement.error) if judgement.error else None,
            detail=detail,
            **_place(judgement.point),
            artifacts=tuple(saved),
            warnings=tuple(dict.fromkeys(masked(warning, secrets) for warning in warnings)),
            reruns=tuple(first_line(masked(why, secrets)) for why in judgement.reruns),
            browser_version=item.stash.get(VERSION, None),
            spent=time_meter.current().spent,
            commands=time_meter.current().commands,
            page_url=next((capture.url for capture in item.stash[CAPTURES] if capture.url), None),
        )

    def of_verdict(self, holder: LeaseHolder, task: Task, verdict: Verdict, started: float, **fields: Any) -> Attempt:
        """An attempt with these further fields, and with what it is billed."""
        fields = sendable(fields)
        if self._time_budget:
            # Time between two reports belongs to the later one; the first includes the start of pytest and browser.
            now = time.monotonic()
            fields["billed_s"] = round(now - self._billed_until, 3)
            fields["memory_mb"], self._billed_until = self._time_budget.memory_mb, now
            fields["peak_mb"] = self._memory.take() if self._memory else None
        return Attempt(task.number, holder.owner, verdict, started, round(holder.took, 4), holder.layer, **fields)

    def close(self) -> None:
        """Stop measuring."""
        if self._memory is not None:
            self._memory.close()


def _place(point: FailurePoint | None) -> dict[str, str | None]:
    """An attempt's fields about the point of its failure."""
    if point is None:
        return {}
    return {
        "failed_at": f"{point.line[0]}:{point.line[1]}" if point.line else None,
        "failed_line": first_line(point.code) if point.code else None,
        "locator": first_line(point.locator) if point.locator else None,
    }
