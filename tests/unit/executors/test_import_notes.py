"""Which files end the process that imports them, by the notes of processes that have died."""

import os
import subprocess
from pathlib import Path

from uitest.executors.import_notes import ImportNote, avoidable_deaths, encode, fatal, left_behind


def note(path: str, call: str | None = None, *, optional: bool = True) -> ImportNote:
    """A note of this file."""
    return ImportNote(path, Path(path).name, optional, call)


def test_file_is_fatal_by_a_known_call_or_after_two_deaths() -> None:
    """A single death may have been a kill; a known call is certain, and is told."""
    assert fatal([note("a"), note("b")]) == []
    assert fatal([note("a"), note("b"), note("a")]) == [note("a")]
    assert fatal([note("a"), note("a", "os._exit(0)"), note("a")]) == [note("a", "os._exit(0)")]
    assert fatal([note("a")], deaths=1) == [note("a")]


def test_only_notes_of_dead_processes_count(tmp_path: Path) -> None:
    """Those of a living process, empty ones and those that were cut by a kill do not count."""
    dead = []
    for _ in range(4):
        process = subprocess.Popen(["true"])
        process.wait()
        dead.append(process.pid)
    contents = [encode(note("a")), encode(note("b", optional=False)), b"", encode(note("c"))[:-3]]
    for pid, content in zip(dead, contents, strict=True):
        (tmp_path / f"{pid}.importing").write_bytes(content)
    (tmp_path / f"{os.getpid()}.importing").write_bytes(encode(note("d")))
    assert left_behind(tmp_path) == {dead[0]: note("a"), dead[1]: note("b", optional=False)}
    assert avoidable_deaths(tmp_path) == {dead[0]}
