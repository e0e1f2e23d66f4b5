"""Which commands work on macOS: all that do not start browsers on this machine."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.builders import make_run
from tests.unit.cli.conftest import Call, one_line
from uitest.cli import COMMANDS
from uitest.config import RunSettings
from uitest.model import Job
from uitest.storage.stores.sqlite import SqliteStore

TABLES = ("--store", "dynamodb:modules,status")
PLACES = ("--artifacts", "s3://bucket/a", "--site", "s3://bucket/s")

LINUX_ONLY = {
    "os": "sched_getaffinity sched_setaffinity pidfd_open memfd_create eventfd pipe2 splice getrandom O_TMPFILE",
    "select": "epoll EPOLLIN",
    "signal": "SIGRTMIN SIGRTMAX pidfd_send_signal sigtimedwait sigwaitinfo",
    "fcntl": "F_OFD_SETLK F_SETPIPE_SZ F_ADD_SEALS",
    "resource": "prlimit RLIMIT_NICE RLIMIT_SIGPENDING",
    "time": "CLOCK_BOOTTIME",
    "socket": "AF_NETLINK AF_PACKET SOCK_CLOEXEC SO_DOMAIN",
}
"""What Python's modules have on Linux and not on macOS."""

IMPORT_ALL = f"""
import importlib, sys, types
for name, attributes in {LINUX_ONLY!r}.items():
    module = importlib.import_module(name)
    for attribute in attributes.split():
        vars(module).pop(attribute, None)
sys.modules["_scproxy"] = types.SimpleNamespace(_get_proxy_settings=dict, _get_proxies=dict)
sys.platform = "darwin"
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


@pytest.fixture
def on_macos(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process takes its system for macOS."""
    monkeypatch.setattr(sys, "platform", "darwin")


@pytest.mark.usefixtures("on_macos")
@pytest.mark.parametrize(
    ("words", "reached"),
    [
        (("deploy", "shop"), "the first deployment needs|no AWS region"),
        (("destroy", "shop", "--yes"), "no AWS region"),
        (("status",), "there are no runs yet"),
        (("report", "r1"), "r1"),
        (("modules", "show", "m1"), "unknown module 'm1'"),
        (("cancel", "r1"), "r1"),
        (("rerun", "r1", "--failed"), "r1"),
        (("resume", "r1"), "r1"),
        (("run", "--executor", "lambda"), "--store dynamodb:"),
        (("run", "--executor", "lambda", *TABLES, *PLACES, "--cases", "none"), "region|credentials|none"),
        (("run", "--executor", "stepfunctions", *TABLES, *PLACES), "--state-machine"),
        (("doctor", "--function", "f", "--grid", "http://127.0.0.1:9"), "give one of them"),
    ],
)
def test_command_without_browsers_reaches_its_own_error(call: Call, words: tuple[str, ...], reached: str) -> None:
    """The message is about what the command does, and not about the system."""
    code, _, err = call(*words)
    assert code in (2, 3)
    assert "Linux" not in err
    assert any(text in err for text in reached.split("|")), err


@pytest.mark.usefixtures("on_macos")
@pytest.mark.parametrize("words", [("modules", "list"), ("config",), ("init", "--yes"), ("prune",)])
def test_command_without_browsers_works(call: Call, words: tuple[str, ...]) -> None:
    """Files and the local store need no Linux."""
    code, _, err = call(*words)
    assert (code, err) == (0, "")


@pytest.mark.usefixtures("on_macos")
@pytest.mark.parametrize(
    "words",
    [
        ("run", "--url", "http://127.0.0.1:9"),
        ("ci",),
        ("doctor",),
        ("install",),
        ("local-aws",),
    ],
)
def test_command_that_starts_browsers_here_says_that_it_needs_linux(call: Call, words: tuple[str, ...]) -> None:
    """In one line, with what to do."""
    one_line(call(*words), "uitest runs browsers on Linux, and this is darwin; use a container")


@pytest.mark.usefixtures("on_macos")
@pytest.mark.parametrize("words", [("rerun", "r1", "--failed"), ("resume", "r1")])
@pytest.mark.parametrize("executor", ["local", "lambda"])
def test_earlier_run_goes_on_where_its_browsers_are(
    call: Call, tmp_path: Path, words: tuple[str, ...], executor: str
) -> None:
    """Those of a run in Lambda are not on this machine."""
    store = SqliteStore(tmp_path / "runs.db")
    store.create_run(make_run("r1", settings=RunSettings(executor=executor).to_json()), [Job("m", "a", "chrome")])
    store.close()
    code, _, err = call(*words, "--store", f"sqlite:{tmp_path / 'runs.db'}")
    assert code in (2, 3)
    assert ("Linux" in err) == (executor == "local"), err


def test_commands_import_nothing_that_only_linux_has() -> None:
    """In a process of its own, which has imported nothing yet."""
    commands = [f"uitest.cli.commands.{module}" for module in sorted(set(COMMANDS.values()))]
    words = [sys.executable, "-c", IMPORT_ALL, "uitest.plugin", *commands]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
