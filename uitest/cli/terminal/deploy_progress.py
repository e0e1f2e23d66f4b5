"""What ``uitest deploy`` and ``uitest destroy`` show while AWS works: a line for each resource, on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from uitest.deploy.stack import Event

SHOWN = 3
"""Resources in progress that are named in the last line of a terminal."""


class Progress:
    """Prints lines; on a terminal a last line shows what is in progress.

    ``_running``: resources that AWS is working on, in the order in which it began.
    """

    def __init__(self, console: Console, status: Status | None) -> None:
        self._console, self._status = console, status
        self._running: dict[str, str] = {}

    def say(self, text: str) -> None:
        """A line about the command."""
        self._console.print(escape(text), highlight=False, soft_wrap=True)

    def warn(self, text: str) -> None:
        """A line about something that may go wrong later."""
        self._console.print(f"[yellow]warning[/] {escape(text)}", highlight=False, soft_wrap=True)

    def event(self, event: Event) -> None:
        """What happened to a resource: a line when it is done, the last line while it is not."""
        if not event.resource:
            return
        if event.status.endswith("_IN_PROGRESS"):
            self._running[event.resource] = event.status
        else:
            self._running.pop(event.resource, None)
            word = event.status.lower().replace("_", " ")
            style = "red" if event.failed else "green" if event.status.endswith("_COMPLETE") else "yellow"
            reason = f": {event.reason}" if event.failed and event.reason else ""
            text = f"{event.resource} ({event.type}){reason}"
            self._console.print(f"[{style}]{word:<20}[/] {escape(text)}", highlight=False, soft_wrap=True)
        if self._status:
            names = ", ".join([*self._running][-SHOWN:])
            more = f" and {len(self._running) - SHOWN} more" if len(self._running) > SHOWN else ""
            self._status.update(escape(f"in progress: {names}{more}" if names else "waiting for AWS"))


@contextmanager
def following(name: str) -> Iterator[Progress]:
    """Progress of a command about the stack; an interrupt says that AWS goes on."""
    console = Console(stderr=True)
    status = console.status("waiting for AWS") if console.is_terminal else None
    progress = Progress(console, status)
    try:
        if status:
            with status:
                yield progress
        else:
            yield progress
    except KeyboardInterrupt:
        progress.say(
            f"interrupted; what AWS has begun it goes on with: repeat the command for {name} to see it through"
        )
        raise
