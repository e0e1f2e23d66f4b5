"""What there is to see of a case: steps, pages, pictures, console, requests; how much is kept, and how it is written.

A page that looks as one before is kept once, a style sheet too. Beyond ``LIMIT`` the oldest pictures go first, then the
oldest pages, but the first and the last of each stay: where a case began and where it ended. Pure.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from uitest.embedded_json import as_json
from uitest.trace.budget import SHARES
from uitest.trace.source import Line
from uitest.trace.steps import Step, folded

LIMIT = 8_000_000
"""Characters of pictures, pages and style sheets."""

STEPS_MOST = 5_000
"""Steps that are kept; beyond that the first ones go, since failures are at the end."""

LINES_MOST = 2_000
"""Lines of the console, and requests."""


@dataclass(frozen=True)
class RecordedPage:
    """How a page looked, without what it could do."""

    url: str
    title: str
    html: str
    css: tuple[int, ...]
    """Indexes into the recording's style sheets."""
    scroll: tuple[float, float]
    size: tuple[int, int]
    """Of the window inside, CSS pixels."""


@dataclass
class Recording:
    """Grows while a case runs; times are seconds since it began."""

    steps: list[Step] = field(default_factory=list)
    pages: dict[int, RecordedPage] = field(default_factory=dict)
    """By number, in the order in which they were first seen."""
    shots: dict[int, str] = field(default_factory=dict)
    css: list[str] = field(default_factory=list)
    console: dict[tuple[float, str, str], None] = field(default_factory=dict)
    """When, level, text; once each, however often the browser tells of it."""
    requests: dict[tuple[float, str, str], tuple[float, int, int]] = field(default_factory=dict)
    """When, kind, address; how long it took, status, bytes."""
    dropped: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("steps", "shots", "pages"), 0))
    """What there was no room for."""
    _next: int = 0

    def add(self, step: Step) -> None:
        """A step is over; if it only looks and repeats what came before, it is part of that."""
        self.steps[-8:] = folded([*self.steps[-8:], step])
        if len(self.steps) > STEPS_MOST:
            del self.steps[0]
            self.dropped["steps"] += 1

    def last_change(self) -> int | None:
        """Place of the step after which the page looks as it does now."""
        return next((at for at in reversed(range(len(self.steps))) if self.steps[at].changes), None)

    def see(self, at: int, seen: Mapping[str, Any]) -> int:
        """The step at this place left the page as ``look.js`` says; returns the page's number."""
        css = tuple(self._style(text) for text in seen["css"])
        page = RecordedPage(seen["url"], seen["title"], seen["html"], css, tuple(seen["scroll"]), tuple(seen["size"]))
        number = next((number for number, known in self.pages.items() if known == page), None)
        if number is None:
            number = self._number()
            self.pages[number] = page
        self.steps[at] = replace(self.steps[at], page=number)
        return number

    def shot_of(self, page: int) -> int | None:
        """Number of a picture of this very page, if there is one."""
        return next((step.shot for step in reversed(self.steps) if step.page == page and step.shot in self.shots), None)

    def picture(self, at: int, picture: str | int) -> None:
        """How that looked: a ``data:`` address, or the number of a picture that looks the same."""
        number = picture if isinstance(picture, int) else self._add_shot(picture)
        self.steps[at] = replace(self.steps[at], shot=number)

    def trim(self) -> None:
        """Let go of what there is no room for."""
        kinds: dict[str, dict[int, Any]] = {"shots": self.shots, "pages": self.pages}
        for kind, kept in kinds.items():
            for number in list(kept)[1:-1]:
                if self.size() <= LIMIT:
                    return
                del kept[number]
                self.dropped[kind] += 1

    def size(self) -> int:
        """Characters of pictures, pages, and the style sheets that these need; others are let go of."""
        used = {sheet for page in self.pages.values() for sheet in page.css}
        self.css = [text if number in used else "" for number, text in enumerate(self.css)]
        texts = [*self.css, *self.shots.values(), *(page.html for page in self.pages.values())]
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
    """What is missing of a recording, in sentences: for want of time, of room, and for other reasons."""
    names = {"picture": "screenshot", "page": "page", "shots": "screenshot", "pages": "page", "steps": "step"}

    def sentence(counts: Mapping[str, int], why: str) -> list[str]:
        said = " and ".join(f"{n} {names[kind]}{'s' * (n != 1)}" for kind, n in counts.items() if n)
        return [f"{said} left out: {why}"] if said else []

    return [
        *sentence(refused, f"recording takes no more than {max(SHARES.values()):.0%} of a case's time"),
        *sentence(dropped, f"a trace takes no more than {LIMIT // 1_000_000} MB and {STEPS_MOST:,} steps"),
        *notes,
    ]


def written(
    recording: Recording,
    head: Mapping[str, Any],
    sources: tuple[Sequence[Mapping[str, Any]], Mapping[Line, int]],
    mask: Callable[[str], str],
) -> dict[str, Any]:
    """All of it as JSON values, every text masked; ``head`` is what is said of the whole."""
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
        "console": [[round(at, 3), level, text] for at, level, text in sorted(recording.console)[-LINES_MOST:]],
        "network": [
            [round(at, 3), round(took, 3), status, size, kind, url]
            for (at, kind, url), (took, status, size) in sorted(recording.requests.items())[-LINES_MOST:]
        ],
        "sources": list(sources[0]),
    }
    return {**_masked(data, mask), "shots": list(recording.shots.values())}


def script(data: Mapping[str, Any]) -> bytes:
    """The trace as a file that a page loads as a script, from a folder too."""
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
        return {key: _masked(one, mask) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(one, mask) for one in value]
    return value
