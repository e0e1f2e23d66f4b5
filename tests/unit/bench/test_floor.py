"""Who spends processor time."""

import os
from pathlib import Path

import pytest

from bench.floor import ALL, UNSEEN, each, middle, table
from bench.spenders import Spenders, kind, spent
from tests.support.processes import eventually


@pytest.mark.parametrize(
    ("command_line", "expected"),
    [
        ("/usr/lib/shell --type=renderer --remote-debugging-port=0", "Chrome's renderers"),
        ("/usr/lib/shell --type=gpu-process", "Chrome's graphics"),
        ("/usr/lib/shell --type=zygote", "Chrome's other helpers"),
        ("/usr/lib/shell --headless --remote-debugging-port=0", "Chrome itself"),
        ("/usr/bin/chromedriver --port=1", "chromedriver"),
        ("/usr/bin/python3 -m pytest", "Python"),
        ("/bin/sh -c x", "others"),
        ("", "others"),
    ],
)
def test_kinds(command_line: str, expected: str) -> None:
    """Helpers of Chrome have its name in their command line as well."""
    assert kind(command_line) == expected


def test_spent() -> None:
    """This process is Python's, and has spent something; one that is gone has spent nothing that could be known."""
    result = spent(os.getpid())
    assert result is not None
    assert kind(result[0]) == "Python"
    assert result[1] > 0
    assert spent(0) is None


def test_nothing_to_watch() -> None:
    """Without a control group nobody is seen."""
    who = Spenders()
    with who.watching(None):
        pass
    assert who.by_kind() == {}


def test_watching(tmp_path: Path) -> None:
    """What is in the group is seen while the block runs."""
    (tmp_path / "cgroup.procs").write_text(f"{os.getpid()}\n")
    who = Spenders()
    with who.watching(tmp_path):
        eventually(who.by_kind, "a look")
    assert list(who.by_kind()) == ["Python"]


def test_each() -> None:
    """Starting counts for nothing, and what nobody was seen to spend is told."""
    result = each({ALL: 3.0, "Python": 1.0}, {ALL: 9.0, "Python": 3.0, "others": 2.0}, 2)
    assert result == {ALL: 3.0, "Python": 1.0, "others": 1.0, UNSEEN: 1.0}


def test_table() -> None:
    """Medians, with a column for each side."""
    spent = middle([{ALL: 1.0}, {ALL: 2.0, "Python": 4.0}, {ALL: 4.0, "Python": 1.0}])
    assert spent == {ALL: 2.0, "Python": 1.0}
    lines = table({"one": spent, "two": {}}, 3)
    assert lines[2] == "| spent by | one | two |"
    assert "| Python | 1.000 | 0.000 |" in lines
