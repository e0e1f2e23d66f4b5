"""The log: who asks for it and how, what a line holds, and what never gets into one."""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from uitest import log
from uitest.errors import UsageError
from uitest.log import LogSettings, Relay

LOGGER = logging.getLogger("uitest.part")
SECRET = 'hunter2 "quoted"\nsecond line of it'


@pytest.fixture(autouse=True)
def _silent_afterwards() -> Iterator[None]:
    yield
    log.stop()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the log goes."""
    return tmp_path / "log.txt"


def settings(file: Path, level: int = logging.DEBUG, *, as_json: bool = False) -> LogSettings:
    """A log in a file."""
    return LogSettings(level, file, as_json)


def fail_twice() -> None:
    """Log an error and its cause, with a secret in both and in the message."""
    try:
        try:
            int(f"no {SECRET}")
        except ValueError as exc:
            raise RuntimeError("it broke") from exc
    except RuntimeError:
        LOGGER.warning("refused at https://me:passw0rd@host/ with %s", SECRET, exc_info=True)


@pytest.mark.parametrize(
    ("environ", "verbosity", "expected"),
    [
        ({}, 0, None),
        ({"UITEST_LOG": ""}, 0, None),
        ({}, 1, LogSettings(logging.INFO)),
        ({}, 2, LogSettings(logging.DEBUG)),
        ({}, 3, LogSettings(logging.DEBUG)),
        ({"UITEST_LOG": "Warning"}, 0, LogSettings(logging.WARNING)),
        ({"UITEST_LOG": "error:/x/y:z.log"}, 0, LogSettings(logging.ERROR, Path("/x/y:z.log"))),
        ({"UITEST_LOG": "error:/x"}, 1, LogSettings(logging.INFO, Path("/x"))),
        ({"UITEST_LOG": "debug"}, 1, LogSettings(logging.DEBUG)),
        ({"UITEST_LOG": "info:it.log"}, 0, LogSettings(logging.INFO, Path.cwd() / "it.log")),
        ({"UITEST_LOG_FORMAT": "JSON"}, 1, LogSettings(logging.INFO, as_json=True)),
        ({"UITEST_LOG_FORMAT": "json"}, 0, None),
    ],
)
def test_variables_and_verbosity_say_what_is_logged(
    environ: dict[str, str], verbosity: int, expected: LogSettings | None
) -> None:
    """The more detailed level of the two counts."""
    assert LogSettings.from_environ(environ, verbosity) == expected


@pytest.mark.parametrize("environ", [{"UITEST_LOG": "x.log"}, {"UITEST_LOG": ":x"}, {"UITEST_LOG_FORMAT": "xml"}])
def test_wrong_variable_is_named_with_its_value(environ: dict[str, str]) -> None:
    """One line says what may be there instead."""
    with pytest.raises(UsageError) as refused:
        LogSettings.from_environ(environ)
    ((name, value),) = environ.items()
    assert f"{name}={value!r}" in str(refused.value)


def test_nothing_is_shown_unless_asked_for() -> None:
    """Not even a warning, which Python shows where a library sets up nothing."""
    script = "import logging, uitest; logging.getLogger('uitest.x').error('told')"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("", "")


def test_text_line_names_level_job_and_module(file: Path) -> None:
    """What a person looks for, with what the process is at work on, in any thread."""
    log.start(settings(file))
    with log.about(run="r", job="m/c/chrome", attempt=2):
        thread = threading.Thread(target=LOGGER.info, args=("%d lines", 3))
        thread.start()
        thread.join()
    LOGGER.debug("after \ud800")
    first, second = file.read_text().splitlines()[1:]
    assert first.endswith(f"Z info    {os.getpid()} m/c/chrome 2 uitest.part: 3 lines")
    assert second.endswith(f"Z debug   {os.getpid()} uitest.part: after \\ud800")


def test_json_line_is_one_line_whatever_is_logged(file: Path) -> None:
    """Run, job and attempt are fields of their own, and so is a traceback."""
    log.start(settings(file, as_json=True))
    with log.about(run="r", job="m/c/chrome", attempt=2):
        LOGGER.info("two\nlines", extra={log.EXTRA: {"output": 'a "text"\n'}})
        fail_twice()
    plain, failed = map(json.loads, file.read_text().splitlines()[1:])
    assert plain == {
        "time": plain["time"],
        "level": "info",
        "logger": "uitest.part",
        "process": os.getpid(),
        "run": "r",
        "job": "m/c/chrome",
        "attempt": 2,
        "output": 'a "text"\n',
        "message": "two\nlines",
    }
    assert failed["traceback"].startswith("Traceback (most recent call last)")


@pytest.mark.parametrize("as_json", [False, True])
def test_no_line_holds_a_secret(file: Path, *, as_json: bool) -> None:
    """In messages, arguments, tracebacks, further fields and addresses."""
    log.start(settings(file, as_json=as_json))
    log.hide([SECRET, "second line of it"])
    log.start(settings(file, logging.INFO, as_json=as_json))  # which keeps the secrets
    fail_twice()
    LOGGER.info("more", extra={log.EXTRA: {"output": SECRET}})
    written = file.read_text()
    assert "it broke" in written
    assert "https://me:***@host/" in written
    for part in ("hunter2", "second line", "passw0rd"):
        assert part not in written


def test_other_handlers_see_what_they_would_see_without_the_log(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What a suite captures does not depend on how much is logged."""
    log.start(settings(file))
    LOGGER.debug("detail")
    LOGGER.warning("costs something")
    assert caplog.messages == ["costs something"]
    assert "detail" in file.read_text()


def test_level_of_the_log_does_not_hide_warnings_of_attempts(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """They are collected from the log, at any level."""
    log.start(settings(file, logging.ERROR))
    LOGGER.warning("costs something")
    assert caplog.messages == ["costs something"]
    assert file.read_text() == ""


def test_file_that_cannot_be_written_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    """It is named, with the reason."""
    with pytest.raises(UsageError, match=r"cannot write the log to .*/missing/log.txt: No such file or directory"):
        log.start(settings(tmp_path / "missing" / "log.txt"))
    assert log.installed() is None


def test_log_goes_to_standard_error_even_while_that_is_captured(capfd: pytest.CaptureFixture[str]) -> None:
    """To the one that was there at first."""
    log.start(LogSettings(logging.INFO))
    before = os.dup(2)
    with open(os.devnull, "w") as null:  # noqa: PTH123  a descriptor is needed
        os.dup2(null.fileno(), 2)
        LOGGER.info("still shown")
        os.dup2(before, 2)
    os.close(before)
    assert "still shown" in capfd.readouterr().err


def test_full_disk_stops_nothing() -> None:
    """A log that cannot be written is no reason to fail."""
    log.start(settings(Path("/dev/full")))
    LOGGER.error("nobody will know")


def test_suppressed_error_leaves_its_traceback(file: Path) -> None:
    """Others are raised."""
    log.start(settings(file))
    with log.suppress(LOGGER, "nothing is kept", OSError, ValueError):
        int("x")
    with pytest.raises(TypeError), log.suppress(LOGGER, "nothing is kept", OSError):
        raise TypeError
    written = file.read_text()
    assert "uitest.part: nothing is kept: ValueError: invalid literal" in written
    assert written.count("Traceback") == 1


def test_relay_copies_whole_lines_once(tmp_path: Path, file: Path) -> None:
    """The rest of a line that is being written comes with the next call; without a log nothing is told to workers."""
    workers = tmp_path / "workers.txt"
    relay = Relay(workers)
    assert relay.environ() == {}
    log.start(settings(file, logging.INFO, as_json=True))
    assert relay.environ() == {"UITEST_LOG": f"info:{file}", "UITEST_LOG_FORMAT": "json"}
    relay.copy()
    workers.write_text("one\ntw")
    relay.copy()
    workers.write_text("one\ntwo\n")
    relay.copy()
    relay.copy()
    assert file.read_text().splitlines()[1:] == ["one", "two"]


def test_workers_log_to_the_relay_where_we_log_to_standard_error(tmp_path: Path) -> None:
    """They have no standard error of ours."""
    log.start(LogSettings(logging.DEBUG))
    assert Relay(tmp_path / "x").environ() == {"UITEST_LOG": f"debug:{tmp_path / 'x'}", "UITEST_LOG_FORMAT": "text"}
