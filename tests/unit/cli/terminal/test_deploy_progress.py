"""What people see of a deployment."""

import io

import pytest
from rich.console import Console

from uitest.cli.terminal.deploy_progress import Progress, following
from uitest.deploy.stack import Event


def event(name: str, status: str, reason: str = "") -> Event:
    """Of a resource of one type."""
    return Event(name, "T", status, reason)


def test_terminal_shows_progress_in_its_last_line() -> None:
    """A last line names what is in progress; finished resources stay above it."""
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=80, color_system=None)
    status = console.status("waiting for AWS")
    progress = Progress(console, status)
    for name in "abcde":
        progress.event(event(name, "CREATE_IN_PROGRESS"))
    assert str(status.status) == "in progress: c, d, e and 2 more"
    for name in "abcd":
        progress.event(event(name, "CREATE_COMPLETE"))
    assert str(status.status) == "in progress: e"
    progress.event(event("e", "CREATE_FAILED", "no [such] thing"))
    assert str(status.status) == "waiting for AWS"
    assert "create failed        e (T): no [such] thing" in output.getvalue()


def test_output_without_a_terminal_is_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Plain lines on standard error, none for what only begins, and one about an interrupt."""

    def command() -> None:
        with following("shop") as progress:
            progress.event(event("", "CREATE_IN_PROGRESS"))
            progress.event(event("a", "CREATE_IN_PROGRESS"))
            progress.event(event("a", "CREATE_COMPLETE"))
            progress.warn("[careful]")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        command()
    assert capsys.readouterr() == (
        "",
        "create complete      a (T)\nwarning [careful]\n"
        "interrupted; what AWS has begun it goes on with: repeat the command for shop to see it through\n",
    )
