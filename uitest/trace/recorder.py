"""Wraps the driver of a case and records its commands, with observations of the page.

The list of commands costs microseconds and is always complete. The page is observed just before the next command that
may change it, and at the end of the case, so that a step shows what the case saw after its waits. An observation
belongs to the last step that may have changed the page.

Recording must not affect the case: an error here costs one observation. Dialogs are special: where an observation can
close one (``PageInspector.closes_dialogs``), the page is observed only before commands that would have closed it
themselves, and such a command raises the observation's exception.
"""

import logging
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from selenium.common.exceptions import UnexpectedAlertPresentException
from selenium.webdriver.remote.webelement import WebElement

from uitest.trace import command_text
from uitest.trace.budget import Budget
from uitest.trace.elements import Elements
from uitest.trace.page_observer import PageObserver
from uitest.trace.recording import Recording, cuts, written
from uitest.trace.source import Line, Project
from uitest.trace.steps import Step

if TYPE_CHECKING:
    from uitest.browsers.page_inspector import PageInspector

LOGGER = logging.getLogger(__name__)

FAILURE_LIMIT = 4_000
"""Maximum number of characters of a failure's text."""
MASKED_FAILURE_LIMIT = 20_000
"""Characters of a failure's text that are masked before it is cut to ``FAILURE_LIMIT``."""


class Recorder:
    """Records one case."""

    def __init__(
        self,
        inspector: "PageInspector",
        budget: Budget,
        project: Project,
        case: str,
        is_waiting: Callable[[], bool],
        mask: Callable[[str], str],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """``case`` is the file of the case; ``is_waiting`` tells whether a WebDriverWait sends the command.

        ``mask`` masks secrets in a text.
        """
        self._budget = budget
        self._project, self._case = project, case
        self._is_waiting, self._clock = is_waiting, clock
        self._mask = mask
        self._known = Elements()
        self._recording = Recording()
        self._observer = PageObserver(inspector, budget, self._recording, mask, clock)
        self._requests = inspector.requests
        self._zero = 0.0
        self._busy = self._over = self._blind = False
        self._took = self._spent = 0.0
        with self._isolated():
            self._requests.start()

    def recorded(self, execute: Callable[..., Any]) -> Callable[..., Any]:
        """A wrapper of a driver's ``execute`` that records commands."""

        def run(driver_command: Any, params: dict[str, Any] | None = None) -> Any:
            __tracebackhide__ = True
            # A driver may send further commands for one; BiDi's commands are generators.
            if self._busy or self._over or not isinstance(driver_command, str):
                return execute(driver_command, params)
            self._busy = True
            try:
                return self._run(execute, driver_command, params)
            finally:
                self._busy = False

        return run

    def _run(self, execute: Callable[..., Any], command: str, params: dict[str, Any] | None) -> Any:
        __tracebackhide__ = True
        arguments = params or {}
        step: Step | None = None
        value: Any = None
        error: BaseException | None = None
        try:
            with self._isolated():
                step = self._new_step(command, arguments)
                step = self._observed_before(step, arguments)
            answer = execute(command, params)
            value = answer.get("value") if isinstance(answer, Mapping) else None
        except BaseException as exc:
            error = exc
            raise
        else:
            return answer
        finally:
            with self._isolated():
                if step is not None:
                    self._recording.add(self._completed(step, arguments, value, error))

    @contextmanager
    def _isolated(self) -> Iterator[None]:
        """Count the time of the block as recording time, and turn its errors into notes of the trace."""
        with self._budget.spending():
            try:
                yield
            except UnexpectedAlertPresentException:
                raise
            except Exception as exc:
                note = f"a part is missing, recording it failed: {type(exc).__name__}: {exc}"
                if note not in self._recording.notes:
                    LOGGER.warning("the trace is incomplete: %s", note, exc_info=True)
                self._recording.notes[note] = None

    def _now(self) -> float:
        return self._clock() - self._zero

    def _new_step(self, command: str, arguments: Mapping[str, Any]) -> Step:
        if not self._zero:
            self._zero, self._recording.began = self._clock(), time.time()
        return Step(
            command_text.name(command, arguments),
            command,
            self._now(),
            what=self._short(command_text.what(command, arguments, self._known)),
            line=self._project.line(self._case),
            changes=command_text.changes(command, arguments, waiting=self._is_waiting()),
        )

    def _observed_before(self, step: Step, arguments: Mapping[str, Any]) -> Step:
        """Observe the page before the command; returns the step with the place of its element.

        Raises UnexpectedAlertPresentException as ``PageInspector.ask`` does.
        """
        command, target = step.command, command_text.element(step.command, arguments)
        if step.changes and command not in command_text.DIALOGS:
            if command in command_text.LEAVE_DIALOG and self._observer.closes_dialogs:
                return step
            box = self._observer.observe(target)
        elif target is not None and not self._observer.knows(target) and command_text.reads_value(command, arguments):
            box = self._observer.locate(target)
        else:
            return step
        return replace(step, at=self._now(), box=box)

    def _completed(self, step: Step, arguments: Mapping[str, Any], value: Any, error: BaseException | None) -> Step:
        target = command_text.element(step.command, arguments)
        secret = target is not None and self._observer.is_secret(target)
        duration = self._now() - step.at
        given = self._short(command_text.given(step.command, arguments, self._known, secret=secret))
        element = None if step.changes else target
        if error is not None:
            failure = self._short(command_text.failure(error))
            return replace(step, took=duration, given=given, error=failure, element=element)
        if isinstance(value, WebElement) and not step.changes:
            element = value.id
        self._known.remember(command_text.answer_name(step.command, step.what), value)
        result = self._short(command_text.result(step.command, arguments, value, self._known, secret=secret))
        return replace(step, took=duration, given=given, result=result, element=element)

    def _short(self, text: str) -> str:
        return command_text.short(text, self._mask)

    def fail(self, text: str, line: Line | None) -> None:
        """Add a last step that says why the case failed, and at which of its lines.

        It is marked on the page where the element is that the case read last, as that is mostly what it checked.
        """
        self._end()
        if not self._zero:
            self._zero, self._recording.began = self._clock(), time.time()
        shown = self._mask(text[:MASKED_FAILURE_LIMIT])
        if len(shown) > FAILURE_LIMIT:
            shown = f"{shown[:FAILURE_LIMIT]}…"
        kind = self._short(text.partition(":")[0].partition("\n")[0])
        box = next((step.box for step in self._recording.steps[-1:] if not step.changes), None)
        self._recording.add(Step("failed", "", self._took, what=kind, error=shown, line=line, box=box))

    def observe_end(self, *, picture: bool) -> bool:
        """Observe the page at the end of the case without a time limit; whether that succeeded.

        Without ``picture`` the screenshot is left to ``picture_last``.
        """
        self._end()
        at = self._recording.last_change()
        if at is None:
            return True
        with self._isolated():
            self._observer.observe_end(picture=picture)
        self._blind = self._recording.steps[at].page is None
        return not self._blind

    def _end(self) -> None:
        """Stop the case's clock, so that the last observation does not count."""
        if not self._over:
            self._over = True
            self._took, self._spent = self._now() if self._recording.steps else 0.0, self._budget.spent

    def picture_last(self, png: bytes) -> None:
        """Add the screenshot of the end of the case, which was taken for another reason."""
        with self._isolated():
            at = self._recording.last_change()
            if at is not None and self._recording.steps[at].shot is None:
                self._recording.picture(at, "data:image/png;base64," + b64encode(png).decode())

    def written(self, about: Mapping[str, str]) -> dict[str, Any]:
        """End the recording and return it as JSON values; ``about`` names case and browser."""
        self._end()
        if self._blind:
            self._recording.notes["the page could not be recorded at the end"] = None
        recording = self._recording
        head = {
            "began": round(recording.began, 3),
            "took": round(self._took, 3),
            **about,
            "spent": round(self._spent, 3),
            "lacks": self._requests.lacks,
            "cut": cuts(self._budget.refused, recording.dropped, recording.notes),
        }
        sources = self._project.sources(step.line for step in recording.steps if step.line)
        return written(recording, head, sources, self._mask)
