"""Notes of what pytest processes import, from which the others know the files that end whoever imports them.

Each process keeps a file beside its assignment with what it is importing. A process that has died leaves its last note
behind. The next one leaves such a file out, and the jobs of its cases end as errors.
"""

import contextlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from uitest.system.process_table import ProcessEntry

SUFFIX = ".importing"

Result = TypeVar("Result")

CERTAIN = 2
"""How often processes must have died while they imported a file: a single one may have been killed."""


@dataclass(frozen=True, slots=True)
class ImportNote:
    """What a process is importing."""

    path: str
    """The file; a folder while pytest lists what is in it."""
    name: str
    """The path relative to pytest's root folder."""
    optional: bool
    """Whether a session can do without: a case file, or a conftest file in a folder below that of the cases."""
    call: str | None = None
    """The call that is about to end the process, with its place; None if it is not known."""

    @property
    def reason(self) -> str:
        """The problem in one line."""
        return f"{self.name} ends the process that imports it{f': {self.call}' if self.call else ''}"


def note_file(folder: Path) -> Path:
    """The file in which this process notes what it imports; empty while it imports nothing."""
    return folder / f"{os.getpid()}{SUFFIX}"


def encode(note: ImportNote) -> bytes:
    """The content of such a file."""
    return json.dumps(asdict(note)).encode()


def left_behind(folder: Path) -> dict[int, ImportNote]:
    """The notes of the processes that died while they imported something, by process id."""
    return dict(_left_behind(folder))


def avoidable_deaths(folder: Path) -> set[int]:
    """The processes that died of files without which a session can do."""
    return {pid for pid, note in _left_behind(folder) if note.optional}


def repeat(attempt: Callable[[], Result], folder: Path, is_over: Callable[[Result], bool]) -> Result:
    """The result of an attempt to import case files, repeated while it dies of a file that the next one may leave out.

    ``folder`` is where its processes keep their notes; ``is_over`` says that another attempt is of no use.
    """
    result, known = attempt(), 0
    while not is_over(result) and (deaths := len(avoidable_deaths(folder))) > known:
        result, known = attempt(), deaths
    return result


def _left_behind(folder: Path) -> Iterator[tuple[int, ImportNote]]:
    for file in folder.glob(f"*{SUFFIX}"):
        pid, text = int(file.stem), file.read_bytes()
        process = ProcessEntry.at(pid)
        if text and (process is None or process.is_dead):
            with contextlib.suppress(ValueError):  # killed while it wrote
                yield pid, ImportNote(**json.loads(text))


def fatal(notes: Iterable[ImportNote], deaths: int = CERTAIN) -> list[ImportNote]:
    """The notes of files that end their process: by a known call, or since ``deaths`` processes died of them."""
    notes = sorted(notes, key=lambda note: note.call is not None)
    times = Counter(note.path for note in notes)
    return list({note.path: note for note in notes if note.call or times[note.path] >= deaths}.values())
