"""How a session of ``uitest watch`` ended, and what is still broken after it."""

import pytest

from uitest.cli.watching.verdicts import early_end, still_broken, verdict
from uitest.plugin.selection import Selection, SessionResult


@pytest.mark.parametrize(
    ("code", "result", "expected"),
    [
        (0, SessionResult(is_complete=True, ran=1), "passed"),
        (1, SessionResult(is_complete=True, ran=1, failed=["a.py::test"]), "failed"),
        (2, SessionResult(is_complete=True, ran=1, failed=["a.py::test"]), "interrupted"),
        (2, SessionResult(is_complete=True, failed=["a.py"]), "failed"),
        (4, SessionResult(failed=["."]), "failed"),
        (4, SessionResult(), "not run"),
        (0, SessionResult(running=["a.py::test"]), "failed"),
        (0, SessionResult(), "failed"),
        (-9, SessionResult(), "failed"),
        (3, SessionResult(is_complete=True), "pytest ended with exit code 3"),
    ],
)
def test_verdict(code: int, result: SessionResult, expected: str) -> None:
    """Nothing is green that pytest did not end itself."""
    assert verdict(code, result) == expected


def test_early_end_is_in_words() -> None:
    """Whether a case was running or not."""
    running = SessionResult(running=["a.py::test_one", "a.py::test_two"])
    assert early_end(7, running) == "pytest ended with exit code 7 while a.py::test_one, a.py::test_two was running"
    assert early_end(-9, SessionResult()) == "pytest was killed by signal 9 (Killed) while no case was running"


def test_what_failed_is_broken_until_it_has_run() -> None:
    """A file or folder that could not be collected is mended when a test in it has run."""

    def after(before: set[str], *finished: str, failed: tuple[str, ...] = ()) -> set[str]:
        result = SessionResult(finished=list(finished), failed=list(failed))
        return set(still_broken(frozenset(before), Selection(), result, is_gone=False))

    assert after({"a.py::test"}, "b.py::test") == {"a.py::test"}
    assert after({"a.py::test"}, "a.py::test") == set()
    assert after({"a.py::test"}, "a.py::test", failed=("a.py::test",)) == {"a.py::test"}
    assert after({"."}, "sub/a.py::test") == set()
    assert after({"sub", "sub/b.py", "other"}, "sub/a.py::test") == {"sub/b.py", "other"}


def test_case_that_is_gone_is_not_broken() -> None:
    """When nothing of a selection exists any more."""
    before = frozenset({"a.py::test", "b.py::test"})
    broken = still_broken(before, Selection(nodes=frozenset({"a.py::test"})), SessionResult(), is_gone=True)
    assert broken == {"b.py::test"}
