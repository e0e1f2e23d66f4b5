"""Stands between a case and its driver, and writes down what passes.

The list of commands costs microseconds and is always whole. The page is looked at just before the next command that may
change it, and when the case is over: so what is kept of a step is what the case itself saw when it went on, after all
its waits. A look belongs to the last step that may have changed the page.

The case must not notice. What goes wrong here is a look less, and no more than ``PATIENCE_S`` a case are spent waiting
for pages that do not answer. A dialog is the one trap: where a look can close it (``Lens.closes_dialogs``), the page is
looked at only before commands that would have closed it themselves, and such a command raises what the look raised.
"""

import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from selenium.common.exceptions import UnexpectedAlertPresentException

from uitest.errors import BrowserError
from uitest.trace import command_text
from uitest.trace.budget import Budget
from uitest.trace.elements import Elements
from uitest.trace.recording import Recording, cuts, written
from uitest.trace.source import Project
from uitest.trace.steps import Box, Step

if TYPE_CHECKING:
    from uitest.browsers.page_inspector import PageInspector

PATIENCE_S = 1.0
LEAST_S = 0.05
"""With less patience left, nobody looks any more."""

PAGE_LIMIT = 1_000_000
"""Characters of one page, and of its style sheets."""


@cache
def _look() -> str:
    return files("uitest.trace").joinpath("look.js").read_text()


class Recorder:
    """Of one case."""

    def __init__(
        self,
        lens: "PageInspector",
        budget: Budget,
        project: Project,
        case: str,
        is_waiting: Callable[[], bool],
        mask: Callable[[str], str],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """``case`` is the file that the case is in; ``is_waiting`` tells whether a WebDriverWait is asking.

        ``mask`` takes the secrets out of a text.
        """
        self._lens, self._budget = lens, budget
        self._project, self._case = project, case
        self._is_waiting, self._clock = is_waiting, clock
        self._mask = mask
        self._known = Elements()
        self._recording = Recording()
        self._zero = self._epoch = 0.0
        self._busy = self._over = self._blind = False
        self._took = self._spent = 0.0
        self._patience_s = PATIENCE_S
        self._seen: dict[str, float] = {"origin": 0, "seen": 0, "said": 0}
        """The last look: at which document, when by its clock, and how many of its lines had been heard of."""
        self._secret: dict[str, bool] = {}
        """Whether an element that was looked at is for a password."""
        self._notes: dict[str, None] = {}

    def recorded(self, execute: Callable[..., Any]) -> Callable[..., Any]:
        """A driver's ``execute`` whose commands are written down."""

        def run(driver_command: Any, params: dict[str, Any] | None = None) -> Any:
            __tracebackhide__ = True
            # A driver may need commands of its own to answer one; BiDi's come as generators.
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
        asked = params or {}
        step: Step | None = None
        value: Any = None
        error: BaseException | None = None
        try:
            with self._own():
                step = self._begun(command, asked)
                step = self._looked_before(step, asked)
            answer = execute(command, params)
            value = answer.get("value") if isinstance(answer, Mapping) else None
        except BaseException as exc:
            error = exc
            raise
        else:
            return answer
        finally:
            with self._own():
                if step is not None:
                    self._recording.add(self._ended(step, asked, value, error))

    @contextmanager
    def _own(self) -> Iterator[None]:
        """Our own time, and our own mistakes."""
        with self._budget.spending():
            try:
                yield
            except UnexpectedAlertPresentException:
                raise
            except Exception as exc:
                self._notes[f"a part is missing, recording it failed: {type(exc).__name__}: {exc}"] = None

    def _now(self) -> float:
        return self._clock() - self._zero

    def _begun(self, command: str, asked: Mapping[str, Any]) -> Step:
        if not self._zero:
            self._zero, self._epoch = self._clock(), time.time()
        return Step(
            command_text.name(command, asked),
            command,
            self._now(),
            what=self._short(command_text.what(command, asked, self._known)),
            line=self._project.line(self._case),
            changes=command_text.changes(command, asked, waiting=self._is_waiting()),
        )

    def _looked_before(self, step: Step, asked: Mapping[str, Any]) -> Step:
        """The step and where it acts, once it is kept how the page is before it. Raises as ``Lens.ask`` does."""
        command, target = step.command, command_text.element(step.command, asked)
        if step.changes and command not in command_text.DIALOGS:
            if command in command_text.UNTOUCHED and self._lens.closes_dialogs:
                return step
            box = self._look(target)
        elif target is not None and target not in self._secret and command_text.reads_value(command, asked):
            box = self._peek(target)
        else:
            return step
        return replace(step, at=self._now(), box=box)

    def _ended(self, step: Step, asked: Mapping[str, Any], value: Any, error: BaseException | None) -> Step:
        target = command_text.element(step.command, asked)
        secret = target is not None and self._secret.get(target, True)
        took = self._now() - step.at
        given = self._short(command_text.given(step.command, asked, self._known, secret=secret))
        if error is not None:
            return replace(step, took=took, given=given, error=self._short(command_text.failure(error)))
        self._known.remember(command_text.answer_name(step.command, step.what), value)
        result = self._short(command_text.result(step.command, asked, value, self._known, secret=secret))
        return replace(step, took=took, given=given, result=result)

    def _short(self, text: str) -> str:
        return command_text.short(text, self._mask)

    def look_last(self, *, picture: bool) -> bool:
        """Keep how the page looks when the case is over, whatever time it takes; whether it could be seen.

        Without a ``picture`` there will be one from elsewhere.
        """
        self._end()
        at = self._recording.last_change()
        if at is None:
            return True
        with self._own():
            self._look(None, needed=True, picture=picture)
            for line in self._lens.console():
                self._recording.console[line.at - self._epoch, line.level, line.text] = None
        self._blind = self._recording.steps[at].page is None
        return not self._blind

    def _end(self) -> None:
        """The case is over: what a last look takes is none of its time."""
        if not self._over:
            self._over = True
            self._took, self._spent = self._now() if self._recording.steps else 0.0, self._budget.spent

    def picture_last(self, png: bytes) -> None:
        """How the page looked when the case was over, by a screenshot that was taken for another reason."""
        with self._own():
            at = self._recording.last_change()
            if at is not None and self._recording.steps[at].shot is None:
                self._recording.picture(at, "data:image/png;base64," + b64encode(png).decode())

    def _look(self, element: str | None, *, needed: bool = False, picture: bool = True) -> Box | None:
        """Keep how the page looks, as far as there is time for it; where the element is."""
        at = self._recording.last_change()
        if at is None or not (needed or self._budget.allows("page")):
            return self._peek(element) if element is not None else None
        began = self._clock()
        seen = self._ask(element, whole=True)
        if seen is None:
            return None
        number = self._recording.see(at, seen)
        self._budget.learn("page", self._clock() - began)
        if seen["short"]:
            self._notes["a page is longer than 1 MB and was cut"] = None
        same = self._recording.shot_of(number)
        if same is not None:
            self._recording.picture(at, same)
        elif picture and not seen["hidden"] and (needed or self._budget.allows("picture")):
            self._picture(at)
        self._recording.trim()
        return _box(seen)

    def _picture(self, at: int) -> None:
        began = self._clock()
        try:
            self._recording.picture(at, self._lens.picture(self._patience_s))
            self._budget.learn("picture", self._clock() - began)
        except BrowserError:
            self._patience_s -= self._clock() - began
            self._notes["a screenshot could not be taken"] = None

    def _peek(self, element: str) -> Box | None:
        """Where an element is, and whether it is for a password."""
        seen = self._ask(element, whole=False)
        return _box(seen) if seen is not None else None

    def _ask(self, element: str | None, *, whole: bool) -> Mapping[str, Any] | None:
        """What ``look.js`` says; None where the page cannot be seen."""
        if self._patience_s < LEAST_S:
            return None
        given = json.dumps({"whole": whole, "apart": self._lens.apart, "limit": PAGE_LIMIT, **self._seen})
        began = self._clock()
        try:
            seen: dict[str, Any] = json.loads(self._lens.ask(_look(), element, given, self._patience_s))
        except BrowserError:
            self._patience_s -= self._clock() - began
            if self._patience_s < LEAST_S:
                self._notes[f"a page did not answer within {PATIENCE_S:g} s, and nobody looked again"] = None
            return None
        self._seen = {name: seen[name] for name in self._seen}
        if element is not None and seen["box"] is not None:
            self._secret[element] = bool(seen["secret"])
        origin_s = seen["origin"] / 1000 - self._epoch
        for began_ms, took_ms, status, size, kind, url in seen["requests"]:
            self._recording.requests[origin_s + began_ms / 1000, kind, url] = took_ms / 1000, status, size
        for at_ms, level, text in seen["lines"]:
            self._recording.console[at_ms / 1000 - self._epoch, level, text] = None
        return seen

    def written(self, about: Mapping[str, str]) -> dict[str, Any]:
        """All that was recorded, and no more from now on; ``about`` names case and browser."""
        self._end()
        if self._blind:
            self._notes["how the page looked at the end could not be seen"] = None
        recording = self._recording
        head = {
            "began": round(self._epoch, 3),
            "took": round(self._took, 3),
            **about,
            "spent": round(self._spent, 3),
            "cut": cuts(self._budget.refused, recording.dropped, self._notes),
        }
        sources = self._project.sources(step.line for step in recording.steps if step.line)
        return written(recording, head, sources, self._mask)


def _box(seen: Mapping[str, Any]) -> Box | None:
    return tuple(seen["box"]) if seen["box"] is not None else None
