"""Keys, and the line that is typed in answer to a question, on a pseudo-terminal."""

import os
import pty
from collections.abc import Iterator

import pytest

from uitest.cli.watching.keys import Keys, edited


@pytest.fixture
def typist(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The other end of this process's terminal."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        yield ours
    os.close(ours)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("one\n", "one"),
        ("onf\x7fe\n", "one"),
        ("wrong\x15one\n", "one"),
        (" \u00e9\u20ac\U0001f600 \n", "\u00e9\u20ac\U0001f600"),
        ("\n", ""),
        ("one\x1b", None),
        ("one\x04", None),
    ],
)
def test_answer(typist: int, typed: str, answer: str | None) -> None:
    """The line up to Enter, as it was corrected; None after Esc and Ctrl-D."""
    with Keys() as keys:
        os.write(typist, typed.encode())
        assert keys.ask("? ") == answer


def test_sequence_is_one_key(typist: int) -> None:
    """An arrow is not Esc."""
    with Keys() as keys:
        os.write(typist, b"\x1b[A")
        assert keys.read() == "\x1b[A"
        os.write(typist, b"q")
        assert keys.read() == "q"


def test_other_keys_change_nothing() -> None:
    """Arrows, tabs and the like."""
    assert [edited("one", key) for key in ("\x1b[A", "\t", "\x00")] == ["one"] * 3
