"""``uitest ci`` runs the case files that a change touches first."""

import subprocess
from pathlib import Path

import pytest

from tests.support.builds.repository import pull_request
from tests.unit.cli.commands.ci.conftest import Ci
from uitest.cli.commands import ci


@pytest.mark.parametrize(
    ("code", "expected"), [(0, "exit code 0"), (1, "exit code 1"), (4, "exit code 3"), (5, "exit code 0")]
)
def test_changed_case_files_run_first(
    build: Ci, folder: Path, monkeypatch: pytest.MonkeyPatch, code: int, expected: str
) -> None:
    """With pytest; one that fails makes the build red, and everything else runs all the same."""
    pull_request(folder)
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    calls: list[list[str]] = []
    real = subprocess.run

    def pytest_run(argv: list[str], **more: object) -> object:
        if "pytest" not in argv:
            return real(argv, **more)  # type: ignore[call-overload]
        calls.append(argv)
        return subprocess.CompletedProcess(argv, code)

    monkeypatch.setattr(subprocess, "run", pytest_run)
    lines = build("--url", "http://shop.example", "--insecure")
    assert "UITEST: changed case files first: cases/test_new.py" in lines
    assert calls[0][4:] == [
        "-n", "auto", "--base-url", "http://shop.example", "--uitest-browser", "chrome", "--uitest-insecure",
        "cases/test_new.py",
    ]  # fmt: skip
    assert any(line.startswith("step: run ") for line in lines)
    assert lines[-1] == expected


def test_quarantined_cases_are_left_to_the_run(build: Ci, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What pytest would call failed first is excused by the run alone; a row that is over excuses nothing."""
    pull_request(folder, "def test_new(): pass\ndef test_new_too(): pass\n")
    calls: list[list[str]] = []
    real = subprocess.run

    def pytest_run(argv: list[str], **more: object) -> object:
        if "pytest" not in argv:
            return real(argv, **more)  # type: ignore[call-overload]
        calls.append(argv[argv.index("--uitest-browser") + 2 :])
        return subprocess.CompletedProcess(argv, 0)

    monkeypatch.setattr(subprocess, "run", pytest_run)
    words = ("--url", "http://shop.example", "--against", "main")
    row = '[[quarantine]]\ncase = "test_new::{}"\nuntil = {}\n'
    for case, day in (("test_new", "9999-12-31"), ("test_new", "2020-01-01")):
        (folder / "quarantine.toml").write_text(row.format(case, day))
        build(*words)
    assert calls == [["cases/test_new.py::test_new_too"], ["cases/test_new.py"]]
    (folder / "quarantine.toml").write_text(row.format("*", "9999-12-31"))
    assert any("are quarantined" in line for line in build(*words))
    assert len(calls) == 2
    (folder / "quarantine.toml").write_text(row.format("*", "soon"))
    assert build(*words)[-2].startswith("UITEST: set up wrong")


def test_interrupted_build_has_a_last_line(build: Ci, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it was pytest that was interrupted."""
    pull_request(folder)
    real = subprocess.run

    def interrupted(argv: list[str], **more: object) -> object:
        if "pytest" in argv:
            raise KeyboardInterrupt
        return real(argv, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", interrupted)
    first, *_, last, code = build("--url", "http://shop.example", "--against", "main")
    assert first.startswith("step: modules sync")
    assert last.startswith("UITEST: the run broke (exit code 130)")
    assert code == "exit code 130"


def test_nothing_changed_is_told(build: Ci, folder: Path) -> None:
    """Where only other files have."""
    pull_request(folder)
    assert "UITEST: no case file has changed against main" in build(
        "--url", "http://shop.example", "--against", "main", "--cases", "site"
    )


def test_unknown_branch_is_told_and_the_rest_runs(build: Ci, folder: Path) -> None:
    """As in a checkout without history."""
    pull_request(folder)
    lines = build("--url", "http://shop.example", "--against", "release")
    (line,) = (line for line in lines if "comes first" in line)
    assert line.startswith("UITEST: no case file comes first: git cannot compare with origin/release (fatal: ")
    assert line.endswith("); have the build fetch that branch")
    assert lines[-1] == "exit code 0"


def test_missing_git_is_told(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """As in a small image."""
    monkeypatch.setenv("PATH", str(folder))
    assert ci.changed_case_files("main", "cases") == ([], "there is no git here to compare with main")


def test_case_files_are_pytests() -> None:
    """By their names, with blanks in them too."""
    names = [
        "cases/test_a.py",
        "cases/b c/test_b c.py",
        "d_test.py",
        "cases/helpers.py",
        "cases/test_a.txt",
        "mytest_a.py",
    ]
    assert ci.case_files(names) == ["cases/test_a.py", "cases/b c/test_b c.py", "d_test.py"]
