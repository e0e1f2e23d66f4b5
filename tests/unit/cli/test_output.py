"""What commands write to standard output, standard error and the log."""

import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.unit.cli.conftest import Call, one_line
from tests.unit.cli.stored_runs import make_run
from uitest import log
from uitest.storage.stores.sqlite import SqliteStore

COMMAND = [sys.executable, "-m", "uitest"]


def test_output_that_nobody_takes(store: SqliteStore) -> None:
    """A full disk is told with exit code 3, or that of the mistake."""
    make_run(store)
    with Path("/dev/full").open("w") as full:
        process = subprocess.run([*COMMAND, "status", "r", "--json"], stdout=full, stderr=PIPE, text=True, check=False)
    assert process.returncode == 3
    assert process.stderr.splitlines() == ["uitest: standard output cannot be written: No space left on device"]
    with Path("/dev/full").open("w") as full:
        codes = [
            subprocess.run([*COMMAND, *words], stdout=full, stderr=full, check=False).returncode
            for words in (["status", "r"], ["--help"], ["status", "nope"], ["nonsense"])
        ]
    assert codes == [3, 3, 2, 2]


@pytest.mark.parametrize("words", [("status", "r", "--json"), ("status", "r"), ("--help",)])
def test_reader_that_leaves_early_is_no_mistake(store: SqliteStore, words: tuple[str, ...]) -> None:
    """As in ``uitest status | head -1``: exit code 0 and no word, so that a script with ``pipefail`` goes on.

    This holds for what click, rich and Python write, before and at the end of the command.
    """
    make_run(store)
    left = subprocess.Popen([*COMMAND, *words], stdout=PIPE, stderr=PIPE)
    assert left.stdout is not None
    left.stdout.close()
    assert (left.communicate()[1], left.returncode) == (b"", 0)


def test_deleted_working_directory_is_one_line(tmp_path: Path) -> None:
    """One line."""
    script = f'mkdir gone; cd gone; rmdir ../gone; exec "{sys.executable}" -m uitest status'
    process = subprocess.run(["/bin/sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.splitlines() == ["uitest: the working directory has been deleted; change to an existing one"]


@pytest.mark.parametrize("words", [("-v", "status", "r", "--json"), ("status", "-v", "r", "--json", "-v")])
def test_log_goes_to_standard_error_only(call: Call, store: SqliteStore, words: tuple[str, ...]) -> None:
    """What scripts read stays as it is, before and after the command's name."""
    make_run(store)
    plain = call("status", "r", "--json")
    logged = call(*words)
    assert (plain[0], plain[1], plain[2]) == (0, logged[1], "")
    assert "opening the store sqlite:" in logged[2]
    assert log.installed() is None


@pytest.mark.parametrize("name", ["modules list", "cancel r", "status r"])
def test_every_command_can_log(call: Call, name: str) -> None:
    """Subcommands too; -vv shows where an error came from."""
    code, _, err = call(*name.split(), "-v")
    assert "uitest.storage.stores: opening the store" in err
    assert code == (0 if name == "modules list" else 2)


def test_wrong_log_variable_is_one_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """As every other mistake."""
    monkeypatch.setenv("UITEST_LOG", "loud")
    one_line(call("status"), "UITEST_LOG='loud'", "debug")
    monkeypatch.setenv("UITEST_LOG", "info:/dev/null/x")
    one_line(call("status"), "UITEST_LOG", "/dev/null/x", "Not a directory")


def test_log_file_shows_where_an_error_came_from(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store: SqliteStore
) -> None:
    """Standard error keeps its one line."""
    monkeypatch.setenv("UITEST_LOG", f"debug:{tmp_path / 'it.log'}")
    one_line(call("status", "nosuch"), "nosuch")
    assert "Traceback" in (tmp_path / "it.log").read_text()
