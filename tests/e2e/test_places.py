"""Full disks, stores of other users, terminals that take nothing: one line, the right exit code, nothing lost."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Project
from uitest.model import Module

AS_NOBODY = """
import os, sys
from uitest.cli.commands import modules, pages, run, status
from uitest.storage.stores import sqlite
from uitest.cli import main

if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
main(sys.argv[1:])
"""
"""The command as a user who may do nothing, once all is imported that he might not be able to read."""

CASES = """
DISK = Path({disk!r})

def fill(name, size):
    try:
        with (DISK / name).open("wb", buffering=0) as file:
            while file.write(b"x" * size): pass
    except OSError:
        ran("full")

def test_before(): ran("before")
def test_fill():
    if not (HERE / "mended").exists():
        fill("much", 4096)
        fill("rest", 1)
def test_after():
    ran("after")
    assert (HERE / "mended").exists(), "it fails"
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own; skipped where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here (needs root): {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def plan(project: Project, disk: Path, store: str) -> None:
    """A run whose middle case fills the disk."""
    project.cases(CASES.format(disk=str(disk)))
    (project.folder / "m.json").write_text(
        '{"m": ["test_it::test_before", "test_it::test_fill", "test_it::test_after"]}'
    )
    project.run("modules", "load", "m.json", "--store", store)


def test_store_on_a_full_disk_ends_the_run_which_can_be_resumed(project: Project, disk: Path) -> None:
    """The run says so with exit code 3, and goes on where it was once there is room."""
    store = f"sqlite:{disk}/uitest.db"
    plan(project, disk, store)
    words = ("run", "--run-id", "r", "--store", store, "--lease", "3")
    message = project.run(*words, code=3).stderr.splitlines()[-1]
    assert message.startswith(f"uitest: cannot use the database {disk}/uitest.db (database or disk is full)")
    assert message.endswith("after fixing that, continue with: uitest resume r")
    assert project.ran()[:2] == ["before", "full"]
    for name in ("much", "rest"):
        (disk / name).unlink()
    (project.folder / "cases" / "mended").touch()
    project.run("resume", "r", "--store", store)
    assert project.ran().count("before") == 1
    assert '"passed": 3' in project.run("status", "r", "--json", "--store", store).stdout


@pytest.mark.slow
@pytest.mark.parametrize("place", ["--artifacts", "--site"])
def test_files_on_a_full_disk_are_a_warning_and_keep_the_verdict(project: Project, disk: Path, place: str) -> None:
    """The verdicts are what they are; what could not be kept is a warning, and no page is named that is not there."""
    store = "sqlite:.uitest/uitest.db"
    plan(project, disk, store)
    project.cases("def test_more(driver):\n    driver.get('data:,')\n    assert 0\n", "test_more.py")
    project.modules(Module("m", ("test_it::test_before", "test_it::test_fill", "test_more::test_more")))
    more = ["--artifacts", "kept"] if place == "--site" else []
    output = " ".join(project.run("run", "--run-id", "r", place, str(disk / "place"), *more, code=1).stderr.split())
    assert project.status("r")["counts"] == {"passed": 2, "failed": 1}
    attempt = project.rows("r")["test_more::test_more"].attempts[-1]
    if place == "--site":
        assert "SiteReporter stopped working: PlaceError: cannot write" in output
        assert "No space left on device" in output
        assert "Status page" not in output
        assert "screenshot.png" in attempt.artifacts
    else:
        assert attempt.artifacts == ()
        assert any("screenshot.png could not be saved" in warning for warning in attempt.warnings)
        assert "Status page" in output


@pytest.mark.slow
def test_store_of_another_user_is_refused_in_one_line(project: Project) -> None:
    """Every command says in one line that it may not be written, with exit code 2, and leaves it as it is."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project.modules(Module("m", ("test_it::test_a",)))
        shutil.copy(project.folder / ".uitest" / "uitest.db", folder / "uitest.db")
        (folder / "cases").mkdir()
        folder.chmod(0o555)
        (folder / "uitest.db").chmod(0o444)
        before = (folder / "uitest.db").read_bytes()
        environ = {**project.environ}
        environ.pop("COVERAGE_PROCESS_CONFIG", None)  # another user cannot write what make coverage measures
        for words in (["status"], ["modules", "list"], ["run", "--url", project.url], ["report"], ["prune"]):
            process = subprocess.run(
                [sys.executable, "-c", AS_NOBODY, *words, "--store", f"sqlite:{folder}/uitest.db"],
                cwd=folder, env=environ, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert process.returncode == 2, process.stderr
            assert [process.stderr.strip()] == process.stderr.splitlines()
            assert (
                f"cannot use the database {folder}/uitest.db (attempt to write a readonly database)" in process.stderr
            )
            assert "this user may not write it" in process.stderr
        assert (folder / "uitest.db").read_bytes() == before
        assert sorted(file.name for file in folder.iterdir()) == ["cases", "uitest.db"]
        folder.chmod(0o755)


@pytest.mark.slow
def test_run_keeps_its_verdict_when_its_reader_has_left(project: Project) -> None:
    """As in ``uitest run 2>&1 | true``: it runs, and neither its first line nor its last one decides."""
    project.cases("def test_a(): assert 0\n")
    gone, pipe = os.pipe()
    os.close(gone)
    command = [sys.executable, "-m", "uitest", "run", "--run-id", "r"]
    ended = subprocess.run(command, cwd=project.folder, env=project.environ, stdout=pipe, stderr=pipe, check=False)
    os.close(pipe)
    assert ended.returncode == 1
    assert project.status("r")["counts"] == {"failed": 1}


@pytest.mark.slow
def test_run_keeps_its_verdict_when_the_terminal_takes_nothing(project: Project) -> None:
    """Its verdict is the exit code, and what it keeps is kept."""
    project.cases("def test_a(): assert 0\n")
    project.modules(Module("m", ("test_it::test_a",)))
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "uitest", "run", "--run-id", "r"]
        ended = subprocess.run(
            command, cwd=project.folder, env=project.environ, stdout=full, stderr=full, check=False
        )  # fmt: skip
    assert ended.returncode == 1
    assert project.status("r")["counts"] == {"failed": 1}
    assert project.junit() == {"test_it::test_a": "failure"}
