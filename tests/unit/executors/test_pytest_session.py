"""How the process of a pytest session ended."""

import signal

import pytest

from uitest.executors.pytest_session import ended_by_case


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (0, "the case ended its own process with status 0"),
        (1, "the case ended its own process with status 1"),
        (-signal.SIGSEGV, "the case's process crashed with SIGSEGV"),
        (-signal.SIGKILL, None),
        (-signal.SIGTERM, None),
        (-signal.SIGRTMAX, None),
    ],
)
def test_process_that_ended_by_itself_is_told_from_a_killed_one(code: int, why: str | None) -> None:
    """An exit status and a crash are the case's own doing; other signals come from outside."""
    assert ended_by_case(code) == why


def test_abort_is_told_as_a_time_limit_or_an_abort() -> None:
    """The exit code does not tell which of them it was."""
    assert str(ended_by_case(-signal.SIGABRT)).startswith("timed out or aborted: ")
