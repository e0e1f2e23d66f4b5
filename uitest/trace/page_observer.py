"""Observes the pages of a case: how they look, their console and requests, and where an element is.

Errors of the browser cost one observation, and at most ``TIMEOUT_S`` in a case are spent waiting for pages that do not
respond.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from uitest.errors import BrowserError
from uitest.trace.budget import Budget
from uitest.trace.outline import LIMITS, outline
from uitest.trace.recording import Recording
from uitest.trace.steps import Box

if TYPE_CHECKING:
    from uitest.browsers.page_inspector import PageInspector

LOGGER = logging.getLogger(__name__)

TIMEOUT_S = 1.0
MIN_TIMEOUT_S = 0.05
"""With less waiting time left, the page is not observed any more."""

PAGE_LIMIT = 1_000_000
"""Maximum number of characters of one page, and of its style sheets."""

PICTURES_MS, LAST_PICTURES_MS = 4, 200
"""Milliseconds that an observation may spend on the page's images and canvases: between commands, where those that are
known already cost nothing, and at the end of the case."""

READ_ELEMENTS, LAST_READ_ELEMENTS = 1, 8
"""How many of the elements that a case has only read an observation looks for, each in a few milliseconds: between
commands, and at the end of the case, where one of them is what its last assertion is about."""


@cache
def _script(name: str) -> str:
    return files("uitest.trace").joinpath(name).read_text()


class PageObserver:
    """Observes the pages of one case for its recording."""

    def __init__(
        self,
        inspector: "PageInspector",
        budget: Budget,
        recording: Recording,
        mask: Callable[[str], str],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Observations are written to ``recording``; ``mask`` masks secrets in a text."""
        self._inspector, self._budget, self._recording = inspector, budget, recording
        self._mask, self._clock = mask, clock
        self._time_left_s = TIMEOUT_S
        self._seen: dict[str, float] = {"origin": 0, "seen": 0, "said": 0}
        """State of the last observation: document, time by its clock, number of console lines read."""
        self._secret: dict[str, bool] = {}
        """Whether an observed element is a password field."""

    @property
    def closes_dialogs(self) -> bool:
        """Whether an observation closes an open dialog, as a command would."""
        return self._inspector.closes_dialogs

    def knows(self, element: str) -> bool:
        """Whether it is known what kind of field an element is."""
        return element in self._secret

    def is_secret(self, element: str) -> bool:
        """Whether an element is a password field, or may be one."""
        return self._secret.get(element, True)

    def observe_end(self, *, picture: bool) -> None:
        """Record everything about the page at the end of the case; its screenshot only with ``picture``."""
        self.observe(None, needed=True, picture=picture)
        for line in self._inspector.console():
            self._recording.console[line.at - self._recording.began, line.level, line.text] = None
        self._recording.failed_requests = self._inspector.requests.failed()
        tree = self._call("outline.js", None, LIMITS)
        self._recording.outline = outline(tree, self._mask) if tree is not None else ""

    def observe(self, element: str | None, *, needed: bool = False, picture: bool = True) -> Box | None:
        """Record page and screenshot, as far as the budget allows; return the place of the element."""
        at = self._recording.last_change()
        if at is None or not (needed or self._budget.allows("page")):
            return self.locate(element) if element is not None else None
        began = self._clock()
        between = PICTURES_MS if self._inspector.apart else 0
        observation = self._query(element, whole=True, pictures_ms=LAST_PICTURES_MS if needed else between)
        if observation is None:
            return None
        number = self._recording.see(at, observation)
        if not needed:
            self._budget.learn("page", self._clock() - began)
        if observation["short"]:
            self._recording.notes["a page is longer than 1 MB and was cut"] = None
        same = self._recording.shot_of(number)
        if same is not None:
            self._recording.picture(at, same)
        elif picture and not observation["hidden"] and (needed or self._budget.allows("picture")):
            self._picture(at)
        self._recording.trim()
        box = _box(observation)
        self._locate_read(at, LAST_READ_ELEMENTS if needed else READ_ELEMENTS, {element: box})
        return box

    def _locate_read(self, at: int, most: int, known: Mapping[str | None, Box | None]) -> None:
        """Add the places of the elements that were read last since step ``at``, at most so many.

        ``known`` has the place of the element that the observation was about, often the one that was found last.
        """
        for element, indexes in list(self._recording.read_since(at).items())[-most:]:
            box = known[element] if element in known else self.locate(element)
            for index in indexes:
                self._recording.steps[index] = replace(self._recording.steps[index], box=box)

    def _picture(self, at: int) -> None:
        began = self._clock()
        try:
            self._recording.picture(at, self._inspector.picture(self._time_left_s))
            self._budget.learn("picture", self._clock() - began)
        except BrowserError:
            LOGGER.info("the trace lacks a screenshot", exc_info=True)
            self._time_left_s -= self._clock() - began
            self._recording.notes["a screenshot could not be taken"] = None

    def locate(self, element: str) -> Box | None:
        """The place of an element; also finds out whether it is a password field."""
        observation = self._query(element, whole=False)
        return _box(observation) if observation is not None else None

    def _call(self, script: str, element: str | None, options: Mapping[str, Any]) -> dict[str, Any] | None:
        """The result of one of our scripts in the page; None if the page does not respond."""
        if self._time_left_s < MIN_TIMEOUT_S:
            return None
        began = self._clock()
        try:
            answer = self._inspector.call(_script(script), element, json.dumps(options), self._time_left_s)
        except BrowserError:
            LOGGER.info("the trace lacks how the page looked", exc_info=True)
            self._time_left_s -= self._clock() - began
            if self._time_left_s < MIN_TIMEOUT_S:
                note = f"a page did not respond within {TIMEOUT_S:g} s; no later page was recorded"
                self._recording.notes[note] = None
            return None
        result: dict[str, Any] = json.loads(answer)
        return result

    def _query(self, element: str | None, *, whole: bool, pictures_ms: int = 0) -> Mapping[str, Any] | None:
        """The result of ``look.js`` in the page; None if the page does not respond."""
        limits = {"limit": PAGE_LIMIT, "pictures": pictures_ms}
        options = {"whole": whole, "apart": self._inspector.apart, **limits, **self._seen}
        observation = self._call("look.js", element, options)
        if observation is None:
            return None
        self._seen = {name: observation[name] for name in self._seen}
        if element is not None and observation["box"] is not None:
            self._secret[element] = bool(observation["secret"])
        origin_s = observation["origin"] / 1000 - self._recording.began
        for began_ms, took_ms, status, size, kind, url in observation["requests"]:
            self._recording.requests[origin_s + began_ms / 1000, kind, url] = took_ms / 1000, status, size
        for at_ms, level, text in observation["lines"]:
            self._recording.console[at_ms / 1000 - self._recording.began, level, text] = None
        return observation


def _box(observation: Mapping[str, Any]) -> Box | None:
    return tuple(observation["box"]) if observation["box"] is not None else None
