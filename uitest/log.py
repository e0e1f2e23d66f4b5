"""Sets up the log of uitest: its level, destination and format.

Modules log to ``logging.getLogger(__name__)``; those of ``lambda_runner`` to a logger below ``uitest`` as well. Nothing
is written unless it is enabled, by ``-v`` or ``-vv`` of a command or by two variables, which a run passes on to its
worker processes.

    UITEST_LOG          LEVEL or LEVEL:FILE, such as debug or info:uitest.log; without a file, standard error
    UITEST_LOG_FORMAT   text, or json for one JSON object a line

Secrets in messages and tracebacks are masked (see ``masking``). Each record is written immediately and in one write, so
that several processes can share a file. Enabling the log does not send more records to other handlers: what a suite's
own handlers and pytest's ``caplog`` see does not depend on these variables.
"""

import contextlib
import json
import logging
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from uitest import distribution
from uitest.errors import UsageError
from uitest.masking import masked

LOGGER = logging.getLogger("uitest")

VARIABLE, FORMAT = "UITEST_LOG", "UITEST_LOG_FORMAT"

LEVELS = {"error": logging.ERROR, "warning": logging.WARNING, "info": logging.INFO, "debug": logging.DEBUG}
FORMATS = ("text", "json")

EXTRA = "uitest"
"""The key of ``extra=`` under which a record carries further fields for a line of JSON: ``extra={EXTRA: {...}}``."""


@dataclass(frozen=True)
class LogSettings:
    """Level, destination and format of the log."""

    level: int
    file: Path | None = None
    """None: standard error."""
    as_json: bool = False

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], verbosity: int = 0) -> Self | None:
        """Settings from the variables and the number of ``-v`` options; the more detailed level wins.

        None if no log is wanted. Raises UsageError for a level or a format that does not exist.
        """
        text, style = environ.get(VARIABLE, ""), environ.get(FORMAT, "") or FORMATS[0]
        name, _, file = text.partition(":")
        wanted = [logging.DEBUG if verbosity > 1 else logging.INFO] if verbosity else []
        if text:
            if name.lower() not in LEVELS:
                raise UsageError(
                    f"{VARIABLE}={text!r} does not begin with a level; give {', '.join(LEVELS)}, "
                    "and a file after a colon if you like: debug:uitest.log"
                )
            wanted.append(LEVELS[name.lower()])
        if style.lower() not in FORMATS:
            raise UsageError(f"{FORMAT}={style!r} is not a format; give {' or '.join(FORMATS)}")
        if not wanted:
            return None
        return cls(min(wanted), Path(file).absolute() if file else None, style.lower() == "json")

    def to_environ(self, otherwise: Path) -> dict[str, str]:
        """Variables that make another process log alike, to the file ``otherwise`` if this one has standard error."""
        name = next(name for name, level in LEVELS.items() if level == self.level)
        return {VARIABLE: f"{name}:{self.file or otherwise}", FORMAT: FORMATS[self.as_json]}


class LogHandler(logging.Handler):
    """Writes records to standard error, as it is when the handler is made, or appends them to a file.

    ``secrets`` are texts to mask in every line; ``context`` has the fields of every line: run, job and attempt.
    """

    def __init__(self, settings: LogSettings) -> None:
        """Raises UsageError if the file cannot be written."""
        super().__init__()
        self.settings = settings
        self.secrets: tuple[str, ...] = ()
        self.context: dict[str, Any] = {}
        try:
            # A copy of the descriptor: others may point number 2 elsewhere, as pytest does to capture output.
            self._fd = (
                os.dup(2)
                if settings.file is None
                else os.open(settings.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
            )
        except OSError as exc:
            raise UsageError(
                f"{VARIABLE}: cannot write the log to {settings.file or 'standard error'}: {exc.strerror}"
            ) from exc

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; never raises, as a failed write must not stop anything."""
        if record.levelno >= self.settings.level:
            with contextlib.suppress(Exception):
                self.write((self.format(record) + "\n").encode(errors="backslashreplace"))

    def write(self, lines: bytes) -> None:
        """Write whole lines as they are. Raises OSError."""
        os.write(self._fd, lines)

    def format(self, record: logging.LogRecord) -> str:
        """The record as text or as JSON, without secrets."""
        entry = self._entry(record)
        if self.settings.as_json:
            return json.dumps(entry, default=str)
        about = "".join(f" {entry[name]}" for name in ("job", "attempt") if name in entry)
        line = f"{entry['time']} {entry['level']:7} {entry['process']}{about} {entry['logger']}: {entry['message']}"
        return "\n".join([line, *([entry["traceback"]] if "traceback" in entry else [])])

    def _entry(self, record: logging.LogRecord) -> dict[str, Any]:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        entry: dict[str, Any] = {
            "time": time,
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            **self.context,
            **getattr(record, EXTRA, {}),
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            entry["traceback"] = logging.Formatter().formatException(record.exc_info)
        return {
            name: masked(value, self.secrets) if isinstance(value, str) else value
            for name, value in entry.items()
            if value is not None
        }

    def close(self) -> None:
        """Close the descriptor; may be called again."""
        super().close()
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


class _ToRoot(logging.Handler):
    """Passes on those records to the root logger's handlers that would reach them without our own level."""

    def emit(self, record: logging.LogRecord) -> None:
        root = logging.getLogger()
        if root.handlers and record.levelno >= root.level:
            root.handle(record)


def start(settings: LogSettings | None, *, shared: bool = True) -> None:
    """Start logging with these settings in place of the present ones; None changes nothing. Raises UsageError.

    Unless ``shared``, handlers of the root logger get no records.
    """
    if settings is None:
        return
    before = installed()
    if before is not None and before.settings == settings:
        return
    handler = LogHandler(settings)
    if before is not None:
        handler.secrets, handler.context = before.secrets, before.context
    stop()
    LOGGER.addHandler(handler)
    LOGGER.setLevel(min(settings.level, logging.WARNING))  # warnings of attempts are collected in any case
    # Not ``propagate = False``: pytest adds its own handlers to loggers that do not propagate.
    between = logging.Logger(f"{LOGGER.name}.parent")
    between.propagate = False
    if shared:
        between.addHandler(_ToRoot())
    LOGGER.parent = between
    LOGGER.info("uitest %s, Python %s", distribution.VERSION, platform.python_version())


def stop() -> None:
    """Stop logging; may be called again."""
    handler = installed()
    if handler is not None:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(logging.NOTSET)
        LOGGER.parent = logging.getLogger()
        handler.close()


def installed() -> LogHandler | None:
    """The installed handler; None if the log is not enabled."""
    return next((handler for handler in LOGGER.handlers if isinstance(handler, LogHandler)), None)


def hide(secrets: Iterable[str]) -> None:
    """Mask these texts too in every later line."""
    handler = installed()
    if handler is not None:
        handler.secrets = tuple(dict.fromkeys((*handler.secrets, *secrets)))


@contextlib.contextmanager
def about(**context: Any) -> Iterator[None]:
    """Add fields to every line of this process while the block runs: ``run``, ``job`` and ``attempt``."""
    handler = installed()
    if handler is None:
        yield
        return
    before, handler.context = handler.context, {**handler.context, **context}
    try:
        yield
    finally:
        handler.context = before


class suppress:  # noqa: N801  named after contextlib's
    """Suppresses these exceptions like ``contextlib.suppress``, and logs them with their traceback."""

    def __init__(self, logger: logging.Logger, what: str, *kinds: type[BaseException]) -> None:
        """``what`` is the beginning of the message."""
        self._logger, self._what, self._kinds = logger, what, kinds

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _traceback: object) -> bool:
        """Log and suppress an exception of these kinds."""
        if error is None or not isinstance(error, self._kinds):
            return False
        self._logger.debug("%s: %s: %s", self._what, type(error).__name__, error, exc_info=error)
        return True


class Relay:
    """Copies what worker processes log to a file into our own log, where that is standard error.

    A file instead of a pipe: a worker must never wait for a reader, and must continue when this process is killed.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read = 0

    def environ(self) -> dict[str, str]:
        """Variables that make a worker log to the file; empty if the log is not enabled."""
        handler = installed()
        return handler.settings.to_environ(self._file) if handler is not None else {}

    def copy(self) -> None:
        """Copy the lines that were added since the last call."""
        handler = installed()
        if handler is None or not self._file.exists():
            return
        with self._file.open("rb") as file:
            file.seek(self._read)
            lines = file.read()
        whole = lines[: lines.rfind(b"\n") + 1]
        self._read += len(whole)
        with contextlib.suppress(OSError):
            handler.write(whole)
