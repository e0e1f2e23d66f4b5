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
def test_helpers_of_chrome_are_recognised(command_line: str, expected: str) -> None:
    """Chrome's helpers are recognised, though their command line also contains Chrome's name."""
    assert kind(command_line) == expected


def test_spent_is_none_for_an_ended_process() -> None:
    """This process is recognised as Python with some processor time; an ended one has no known time."""
    result = spent(os.getpid())
    assert result is not None
    assert kind(result[0]) == "Python"
    assert result[1] > 0
    assert spent(0) is None


def test_no_samples_without_a_control_group() -> None:
    """Without a control group nothing is sampled."""
    who = Spenders()
    with who.watching(None):
        pass
    assert who.by_kind() == {}


def test_processes_of_the_group_are_sampled(tmp_path: Path) -> None:
    """Processes of the group are sampled during the block."""
    (tmp_path / "cgroup.procs").write_text(f"{os.getpid()}\n")
    who = Spenders()
    with who.watching(tmp_path):
        eventually(who.by_kind, "a look")
    assert list(who.by_kind()) == ["Python"]


def test_cost_per_case_excludes_the_start() -> None:
    """The cost per case excludes the start, and time that was not sampled is shown."""
    result = each({ALL: 3.0, "Python": 1.0}, {ALL: 9.0, "Python": 3.0, "others": 2.0}, 2)
    assert result == {ALL: 3.0, "Python": 1.0, "others": 1.0, UNSEEN: 1.0}


def test_table_has_medians_of_each_side() -> None:
    """The table has medians, with a column for each side."""
    spent = middle([{ALL: 1.0}, {ALL: 2.0, "Python": 4.0}, {ALL: 4.0, "Python": 1.0}])
    assert spent == {ALL: 2.0, "Python": 1.0}
    lines = table({"one": spent, "two": {}}, 3)
    assert lines[2] == "| spent by | one | two |"
    assert "| Python | 1.000 | 0.000 |" in lines
