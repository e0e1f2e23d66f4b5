"""One invocation of the Lambda function: the event that asks for attempts, written and read here alone.

An event carries everything a worker needs but the case files, which are in the function's image. One without tasks
makes no attempts; it proves that function, image, tables and bucket work together, and is answered with what does not.
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
"""Bytes of an event that Lambda takes for an asynchronous invocation
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, read 2026-11)."""

FLAGS = ("insecure",)
OPTIONS = ("grid", "headless", "commands", "screenshot", "trace", "mask", *FLAGS)
"""The options of pytest's command line that an event may set; a flag has the value "true"."""


@dataclass(frozen=True)
class Invocation:
    """What a function is asked to do."""

    url: str
    assignment: Assignment
    options: Mapping[str, str] = field(default_factory=dict)
    """By name, those of ``OPTIONS`` that the run sets."""
    reuse_browser: bool = False
    """Whether the function may go on with the browser of the invocation before, and keep its own for the next one."""

    @classmethod
    def of(cls, run: Run, store: str) -> Self:
        """What every invocation of a run is told, without tasks; ``store`` are the words that open its store there."""
        settings = RunSettings.from_json(run.settings)
        given = {name: getattr(settings, name) for name in OPTIONS if name not in FLAGS}
        given |= {name: "true" for name in FLAGS if getattr(settings, name)}
        assignment = Assignment(
            run.id, store, settings.artifacts, run.layer, (), settings.case_timeout, lease_s=settings.lease
        )
        options = {name: value for name, value in given.items() if value is not None}
        return cls(run.url, assignment, options, settings.reuse_browser)

    def secrets(self, environ: Mapping[str, str]) -> tuple[str, ...]:
        """The values of the variables that the run masks, and the passwords in the addresses of site and grid."""
        settings = RunSettings(mask=self.options.get("mask"), grid=self.options.get("grid"))
        return settings.secrets(environ, self.url)

    def words(self) -> tuple[str, ...]:
        """The options for pytest's command line, each one word."""
        return tuple(
            f"--uitest-{name}" if name in FLAGS else f"--uitest-{name}={value}" for name, value in self.options.items()
        )

    def to_event(self) -> bytes:
        """As the function's payload. Raises UsageError if Lambda would refuse it."""
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
            raise UsageError("the event is none of uitest's; this function is invoked by: uitest run --executor lambda")
        if event["uitest"] != VERSION:
            raise UsageError(
                f"the event has version {event['uitest']!r}, the function's image understands {VERSION}; "
                "use the same uitest for both"
            )
        try:
            url, options, reuse = event["url"], event["options"], event.get("reuse_browser", False)
            assignment = Assignment.from_json(event["assignment"])
            broken = _broken(url, options, reuse, assignment)
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise UsageError(f"the event cannot be understood: {type(exc).__name__}: {exc}") from exc
        if broken:
            raise UsageError(f"the event cannot be understood: {broken}")
        return cls(url, assignment, options, reuse)


def _broken(url: Any, options: Any, reuse: Any, assignment: Assignment) -> str | None:
    """What cannot be in an event, None if all is well."""
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
        return f"url {url!r} is not the address of a site"
    for name, value in options.items():
        if name not in OPTIONS or not isinstance(value, str):
            return f"there is no option {name!r} with the value {value!r}"
    if not isinstance(reuse, bool):
        return f"reuse_browser is neither true nor false but {reuse!r}"
    for name in ("run", "store", "artifacts"):
        if not isinstance(getattr(assignment, name), str):
            return f"{name} is no text"
    for task in assignment.tasks:
        job = task.job
        if not all(isinstance(text, str) for text in (job.module, job.case, job.browser)):
            return f"the job {[job.module, job.case, job.browser]!r} is not three texts"
        if not isinstance(task.number, int) or task.number < 1:
            return f"the number of an attempt must be 1 or more, not {task.number!r}"
    return None
