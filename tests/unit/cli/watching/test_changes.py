"""The process that tells which files change."""

import importlib.util
from pathlib import Path

import pytest

from uitest import distribution
from uitest.cli import exit_code_of
from uitest.cli.watching import changes
from uitest.cli.watching.changes import FileWatcher
from uitest.errors import UsageError


def test_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do, and the exit code of wrong use."""
    monkeypatch.setattr(changes, "find_spec", lambda name: importlib.util.find_spec(f"no_{name}"))
    assert exit_code_of(["watch"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("uitest: uitest watch needs the package watchdog; install it with: pip install watchdog")
    assert distribution.NAME not in line  # a command line with this name would ask an index for it


def test_folder_that_cannot_be_watched_is_wrong_use(tmp_path: Path) -> None:
    """It may have been deleted, or the system may watch no further folder."""
    with pytest.raises(UsageError, match=r"nowhere cannot be watched: No such file or directory"):
        FileWatcher(tmp_path / "nowhere")


def test_changes_are_told_together(tmp_path: Path) -> None:
    """Those below the folder, in new folders as well."""
    with FileWatcher(tmp_path) as files:
        (tmp_path / "new").mkdir()
        (tmp_path / "test_a.py").write_text("")
        (tmp_path / "name \udcff.txt").write_text("")
        changed = files.changed(0.5)
        assert {tmp_path / "test_a.py", tmp_path / "name \udcff.txt"} <= changed
        (tmp_path / "new" / "test_b.py").write_text("")
        (tmp_path / "test_a.py").rename(tmp_path / "test_c.py")
        expected = {tmp_path / "new" / "test_b.py", tmp_path / "test_a.py", tmp_path / "test_c.py"}
        assert expected <= files.changed(0.5)
        assert files.changed(0) == set()
