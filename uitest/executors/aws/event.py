"""The event of one invocation of the Lambda function: its format, writing and parsing.

An event has everything that a worker needs but the case files, which are in the function's image. An event without
tasks makes no attempts; it checks that function, image, tables and bucket work together.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from uitest.config import RunSettings
from uitest.errors import UsageError
from uitest.executors.attempt import Assignment
from uitest.model import Run

VERSION = 1

PAYLOAD_LIMIT = 1024 * 1024
"""Maximum size in bytes of the event of an asynchronous invocation
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, read 2026-11)."""

FLAGS = ("insecure",)
OPTIONS = ("grid", "headless", "commands", "screenshot", "trace", "mask", "section", *FLAGS)
"""Options of pytest's command line that an event may set; a flag has the value "true"."""


@dataclass(frozen=True)
class Invocation:
    """The content of an event."""

    url: str
    assignment: Assignment
    options: Mapping[str, str] = field(default_factory=dict)
    """Values of those ``OPTIONS`` that the run sets, by name."""
    reuse_browser: bool = False
    """Whether the function may reuse the browser of the previous invocation, and keep its own for the next one."""

    @classmethod
    def of(cls, run: Run, store: str) -> Self:
        """The common part of a run's invocations, without tasks; ``store`` is the ``--store`` for the function."""
        settings = RunSettings.from_json(run.settings)
        values = {name: getattr(settings, name) for name in OPTIONS if name not in FLAGS}
        values |= {name: "true" for name in FLAGS if getattr(settings, name)}
        assignment = Assignment(
            run.id, store, settings.artifacts, run.layer, (), settings.case_timeout, lease_s=settings.lease
        )
        options = {name: value for name, value in values.items() if value is not None}
        return cls(run.url, assignment, options, settings.reuse_browser)

    def secrets(self, environ: Mapping[str, str]) -> tuple[str, ...]:
        """The values of the variables that the run masks, and the passwords in the addresses of site and grid."""
        settings = RunSettings(mask=self.options.get("mask"), grid=self.options.get("grid"))
        return settings.secrets(environ, self.url)

    def words(self) -> tuple[str, ...]:
        """The options for pytest's command line, each as one argument."""
        return tuple(
            f"--uitest-{name}" if name in FLAGS else f"--uitest-{name}={value}" for name, value in self.options.items()
        )

    def to_event(self) -> bytes:
        """The function's payload. Raises UsageError if it is too large for Lambda."""
        event = {
            "uitest": VERSION,
            "url": self.url,
            "options": dict(self.options),
            "reuse_browser": self.reuse_browser,
            "assignment": self.assignment.to_json(),
        }
        payload = json.dumps(event).encode()
        if len(payload) > PAYLOAD_LIMIT:
            raise UsageError(
                f"{len(self.assignment.tasks)} cases make an event of {len(payload)} bytes, Lambda takes "
                f"{PAYLOAD_LIMIT}; give each invocation fewer with --cases-per-invocation"
            )
        return payload

    @classmethod
    def from_event(cls, event: object) -> Self:
        """The inverse of ``to_event``, after JSON. Raises UsageError that says what is wrong with the event."""
        if not isinstance(event, dict) or "uitest" not in event:
            raise UsageError("the event is not from uitest; invoke this function with: uitest run --executor lambda")
        if event["uitest"] != VERSION:
            raise UsageError(
                f"the event has version {event['uitest']!r}, the function's image supports {VERSION}; "
                "use the same uitest for both"
            )
        try:
            url, options, reuse = event["url"], event["options"], event.get("reuse_browser", False)
            assignment = Assignment.from_json(event["assignment"])
            broken = _problem(url, options, reuse, assignment)
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise UsageError(f"the event is invalid: {type(exc).__name__}: {exc}") from exc
        if broken:
            raise UsageError(f"the event is invalid: {broken}")
        return cls(url, assignment, options, reuse)


def _problem(url: Any, options: Any, reuse: Any, assignment: Assignment) -> str | None:
    """What is wrong with the values of an event; None if they are valid."""
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
        return f"url {url!r} is not the address of a site"
    for name, value in options.items():
        if name not in OPTIONS or not isinstance(value, str):
            return f"unknown option {name!r} with the value {value!r}"
    if not isinstance(reuse, bool):
        return f"reuse_browser must be true or false, not {reuse!r}"
    for name in ("run", "store", "artifacts"):
        if not isinstance(getattr(assignment, name), str):
            return f"{name} must be a text"
    for task in assignment.tasks:
        job = task.job
        if not all(isinstance(text, str) for text in (job.module, job.case, job.browser)):
            return f"the job {[job.module, job.case, job.browser]!r} is not three texts"
        if not isinstance(task.number, int) or task.number < 1:
            return f"the number of an attempt must be 1 or more, not {task.number!r}"
    return None
