"""The recorded data of a case (steps, pages, screenshots, console, requests), its size limit and its file format. Pure.

Equal pages and style sheets are kept once. Beyond ``LIMIT`` the oldest screenshots are dropped, then the oldest pages;
the first and last of each stay.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from uitest.browsers.failed_requests import FailedRequest
from uitest.embedded_json import as_json
from uitest.trace.budget import SHARES
from uitest.trace.network import network
from uitest.trace.source import Line
from uitest.trace.steps import Step, folded

LIMIT = 8_000_000
"""Maximum number of characters of screenshots, pages, their images and style sheets."""

MAX_STEPS = 5_000
"""Maximum number of steps; the first are dropped, since failures are at the end."""

MAX_LINES = 2_000
"""Maximum number of console lines, and of requests."""


@dataclass(frozen=True)
class RecordedPage:
    """A snapshot of a page, without scripts."""

    url: str
    title: str
    html: str
    css: tuple[int, ...]
    """Indexes into the recording's style sheets."""
    scroll: tuple[float, float]
    size: tuple[int, int]
    """Of the viewport, in CSS pixels."""
    images: tuple[str, ...] = ()
    """Names of the images and canvases that it shows."""


@dataclass
class Recording:
    """Everything recorded of a case; times are seconds since the recording began."""

    began: float = 0.0
    """Time of the first command, in seconds since the epoch."""
    steps: list[Step] = field(default_factory=list)
    pages: dict[int, RecordedPage] = field(default_factory=dict)
    """By number, in order of first appearance."""
    shots: dict[int, str] = field(default_factory=dict)
    css: list[str] = field(default_factory=list)
    images: dict[str, str] = field(default_factory=dict)
    """``data:`` addresses of what images and canvases show, by name; pages show the same ones again and again."""
    console: dict[tuple[float, str, str], None] = field(default_factory=dict)
    """Keys are time, level and text, so that a line that is read twice is kept once."""
    requests: dict[tuple[float, str, str], tuple[float, int, int]] = field(default_factory=dict)
    """Time, kind and address; duration, status and bytes."""
    failed_requests: Sequence[FailedRequest] = ()
    """With headers and bodies; those of the whole case, once it is over."""
    outline: str = ""
    """The accessibility tree of the page at the end."""
    notes: dict[str, None] = field(default_factory=dict)
    """Sentences about parts that are missing, each once."""
    dropped: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("steps", "shots", "pages"), 0))
    """Number of dropped items by kind."""
    _next: int = 0

    def add(self, step: Step) -> None:
        """Add a step, or fold it into equal steps before it."""
        self.steps[-8:] = folded([*self.steps[-8:], step])
        if len(self.steps) > MAX_STEPS:
            del self.steps[0]
            self.dropped["steps"] += 1

    def last_change(self) -> int | None:
        """Index of the last step that may have changed the page."""
        return next((at for at in reversed(range(len(self.steps))) if self.steps[at].changes), None)

    def read_since(self, at: int) -> dict[str, list[int]]:
        """Elements that steps after ``at`` have read or found, in order of the last time, with the steps' indexes."""
        read: dict[str, list[int]] = {}
        for index, step in enumerate(self.steps[at + 1 :], at + 1):
            if step.element is not None and step.box is None:
                read[step.element] = [*read.pop(step.element, []), index]
        return read

    def see(self, at: int, observation: Mapping[str, Any]) -> int:
        """Store the result of ``look.js`` as the page after step ``at``; returns the page's number."""
        css = tuple(self._style(text) for text in observation["css"])
        page = RecordedPage(
            observation["url"],
            observation["title"],
            observation["html"],
            css,
            tuple(observation["scroll"]),
            tuple(observation["size"]),
            tuple(observation.get("images", ())),
        )
        self.images.update(observation.get("images", {}))
        number = next((number for number, other in self.pages.items() if other == page), None)
        if number is None:
            number = self._number()
            self.pages[number] = page
        self.steps[at] = replace(self.steps[at], page=number)
        return number

    def shot_of(self, page: int) -> int | None:
        """Number of a screenshot of this page, if there is one."""
        return next((step.shot for step in reversed(self.steps) if step.page == page and step.shot in self.shots), None)

    def picture(self, at: int, picture: str | int) -> None:
        """Set the screenshot of step ``at``: a ``data:`` address, or the number of an equal screenshot."""
        number = picture if isinstance(picture, int) else self._add_shot(picture)
        self.steps[at] = replace(self.steps[at], shot=number)

    def trim(self) -> None:
        """Drop screenshots and pages until the size is within ``LIMIT``."""
        kinds: dict[str, dict[int, Any]] = {"shots": self.shots, "pages": self.pages}
        for kind, items in kinds.items():
            for number in list(items)[1:-1]:
                if self.size() <= LIMIT:
                    return
                del items[number]
                self.dropped[kind] += 1

    def size(self) -> int:
        """Characters of screenshots, pages, their images and style sheets; drops those that no page uses."""
        used = {sheet for page in self.pages.values() for sheet in page.css}
        self.css = [text if number in used else "" for number, text in enumerate(self.css)]
        shown = {name for page in self.pages.values() for name in page.images}
        self.images = {name: data for name, data in self.images.items() if name in shown}
        texts = [*self.css, *self.images.values(), *self.shots.values(), *(page.html for page in self.pages.values())]
        return sum(map(len, texts))

    def _add_shot(self, picture: str) -> int:
        number = self._number()
        self.shots[number] = picture
        return number

    def _number(self) -> int:
        self._next += 1
        return self._next

    def _style(self, text: str) -> int:
        if text not in self.css:
            self.css.append(text)
        return self.css.index(text)


def cuts(refused: Mapping[str, int], dropped: Mapping[str, int], notes: Iterable[str]) -> list[str]:
    """Sentences about missing parts of a recording: for lack of time, of space, and for other reasons (``notes``)."""
    names = {"picture": "screenshot", "page": "page", "shots": "screenshot", "pages": "page", "steps": "step"}

    def sentence(counts: Mapping[str, int], why: str) -> list[str]:
        subject = " and ".join(f"{n} {names[kind]}{'s' * (n != 1)}" for kind, n in counts.items() if n)
        return [f"{subject} left out: {why}"] if subject else []

    return [
        *sentence(refused, f"recording takes no more than {max(SHARES.values()):.0%} of a case's time"),
        *sentence(dropped, f"a trace takes no more than {LIMIT // 1_000_000} MB and {MAX_STEPS:,} steps"),
        *notes,
    ]


def written(
    recording: Recording,
    head: Mapping[str, Any],
    sources: tuple[Sequence[Mapping[str, Any]], Mapping[Line, int]],
    mask: Callable[[str], str],
) -> dict[str, Any]:
    """The recording as JSON values with every text masked; ``head`` has facts about the whole."""
    shots = {number: place for place, number in enumerate(recording.shots)}
    pages = {number: place for place, number in enumerate(recording.pages)}
    newest = list(recording.pages.values())[-1:]
    used = sorted({sheet for page in recording.pages.values() for sheet in page.css})
    sheets = {number: place for place, number in enumerate(used)}
    data = {
        **head,
        "v": 1,
        "viewport": list(newest[0].size) if newest else None,
        "steps": [_step(step, shots, pages, sources[1]) for step in recording.steps],
        "pages": [_page(page, sheets) for page in recording.pages.values()],
        "css": [recording.css[number] for number in used],
        "console": [[round(at, 3), level, text] for at, level, text in sorted(recording.console)[-MAX_LINES:]],
        "network": network(recording.requests, recording.failed_requests, head["began"], mask)[-MAX_LINES:],
        "outline": recording.outline,
        "sources": list(sources[0]),
    }
    return {**_masked(data, mask), "shots": list(recording.shots.values()), "images": recording.images}


def script(data: Mapping[str, Any]) -> bytes:
    """The trace as a script file, which pages can load also from ``file://``."""
    return f"ui.trace({as_json(data)});\n".encode()


def _step(
    step: Step,
    shots: Mapping[int, int],
    pages: Mapping[int, int],
    places: Mapping[Line, int],
) -> dict[str, Any]:
    more: dict[str, Any] = {
        "error": step.error or None,
        "by": f"{step.line[0]}:{step.line[1]}" if step.line else None,
        "source": places.get(step.line) if step.line else None,
        "shot": shots.get(step.shot) if step.shot is not None else None,
        "page": pages.get(step.page) if step.page is not None else None,
        "box": list(step.box) if step.box else None,
    }
    return {
        "n": step.name,
        "c": step.command,
        "at": round(step.at, 3),
        "took": round(step.took, 3),
        "times": step.times,
        "what": step.what,
        "given": step.given,
        "result": step.result,
        "changes": step.changes,
        **{key: value for key, value in more.items() if value is not None},
    }


def _page(page: RecordedPage, sheets: Mapping[int, int]) -> dict[str, Any]:
    return {
        "url": page.url,
        "title": page.title,
        "html": page.html,
        "css": [sheets[number] for number in page.css],
        "scroll": list(page.scroll),
        "size": list(page.size),
    }


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {key: _masked(item, mask) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item, mask) for item in value]
    return value
