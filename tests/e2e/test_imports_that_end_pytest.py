"""Case files and conftest files that end pytest, or its process, when they are imported."""

import subprocess
import sys

import pytest

from tests.e2e.conftest import Project
from uitest.model import Module, Verdict

ENDS = {
    "test_exits.py": "import sys\nsys.exit(3)",
    "test_interrupts.py": "raise KeyboardInterrupt",
    "test_gives_up.py": "pytest.exit('no site')",
    "test_quits.py": "import os\ndef quit():\n    os._exit(0)\nquit()",
    "test_argues.py": "import argparse; argparse.ArgumentParser().parse_args(['--nothing'])",
    "deeper/conftest.py": "import sys; sys.exit(4)",
    "test_folder/conftest.py": "import os; os._exit(1)",  # pytest loads it with that of the folder above
}
"""Files that end pytest when they are imported, behind two other lines."""

END_REASONS = {
    "test_exits": "test_exits.py tries to end pytest when it is imported: SystemExit: 3, at cases/test_exits.py:4: "
    "sys.exit(3)",
    "test_interrupts": "test_interrupts.py tries to end pytest when it is imported: KeyboardInterrupt, "
    "at cases/test_interrupts.py:3: raise KeyboardInterrupt",
    "test_gives_up": "test_gives_up.py tries to end pytest when it is imported: pytest.exit: no site, "
    "at cases/test_gives_up.py:3: pytest.exit('no site')",
    "test_quits": "test_quits.py ends the process that imports it: os._exit(0), at cases/test_quits.py:5",
    "test_argues": "test_argues.py tries to end pytest when it is imported: SystemExit: 2, at cases/test_argues.py:3: "
    "import argparse; argparse.ArgumentParser().parse_args(['--nothing'])",
    "deeper/test_in_deeper": "deeper/conftest.py tries to end pytest when it is imported: SystemExit: 4, "
    "at cases/deeper/conftest.py:3: import sys; sys.exit(4)",
    "test_folder/test_in_test_folder": "test_folder/conftest.py ends the process that imports it: os._exit(1), "
    "at cases/test_folder/conftest.py:3",
}
"""What is said of the cases in these files, behind the name of the case folder."""


@pytest.fixture
def ending(project: Project) -> Project:
    """A project in which one case file is sound and all others end pytest."""
    project.cases("def test_a(): ran('a')\n@pytest.mark.case('tc-1')\ndef test_b(): ran('b')\n")
    for folder in ("deeper", "test_folder"):
        (project.folder / "cases" / folder).mkdir()
        text = f"import pytest\n@pytest.mark.case('{folder}-7')\ndef test_c(): pass\n"
        (project.folder / "cases" / folder / f"test_in_{folder}.py").write_text(text)
    for name, text in ENDS.items():
        text = f"import pytest\n\n{text}\n@pytest.mark.case('{name}-9')\ndef test_c(): pass\n"
        (project.folder / "cases" / name).write_text(text)
    return project


def errors(project: Project, run: str) -> dict[str, list[str | None]]:
    """The errors of the cases that ended in error, behind the name of the case folder."""
    return {
        case: [attempt.error and attempt.error.removeprefix("cases/") for attempt in row.attempts]
        for case, row in project.rows(run).items()
        if row.attempts[-1].verdict is Verdict.ERROR
    }


def test_case_file_that_ends_pytest_costs_only_its_own_cases(ending: Project) -> None:
    """Each of its cases is an error that names file, line and call; all others run, once."""
    ids = [f"{name}::test_c" for name in END_REASONS]
    ending.modules(Module("m", ("test_it::test_a", "tc-1", *ids, "test_exits.py-9", "deeper-7")))
    ending.run("run", "--run-id", "r", "--workers", "2", code=3)
    wanted = {f"{name}::test_c": [reason] for name, reason in END_REASONS.items()}
    marked = {"test_exits.py-9": [END_REASONS["test_exits"]], "deeper-7": [END_REASONS["deeper/test_in_deeper"]]}
    assert errors(ending, "r") == wanted | marked
    assert sorted(ending.ran()) == ["a", "b"]
    assert ending.status("r")["counts"] == {"passed": 2, "error": 9}


@pytest.mark.slow
def test_case_file_that_ends_pytest_is_a_case_of_its_own_where_cases_are_discovered(ending: Project) -> None:
    """A run is red for it; a dry run names it, and with ``modules sync`` the table stays as it was."""
    ending.run("run", "--run-id", "r", code=3)
    reasons = [
        END_REASONS.get(name.removesuffix(".py"), END_REASONS.get(f"{name[:-12]}/test_in_{name[:-12]}"))
        for name in ENDS
    ]
    assert errors(ending, "r") == {name: [reason] for name, reason in zip(ENDS, reasons, strict=True)}
    assert {row.job.module for row in ending.rows("r").values()} == {"test_it", *(name[:-3] for name in ENDS)}
    assert sorted(ending.ran()) == ["a", "b"]
    message = ending.run("run", "--dry-run", code=2).stderr
    assert all(f"cases/{reason}" in message for reason in reasons)
    assert f"cases/{reasons[0]}" in ending.run("modules", "sync", "--discover", code=2).stderr
    with ending.store() as store:
        assert store.modules() == []
    for name in ENDS:
        (ending.folder / "cases" / name).write_text("")
    ending.run("rerun", "r", "--failed", code=3)
    assert {row.attempts[-1].error for case, row in ending.rows("r").items() if case == "test_exits.py"} == {
        "case 'test_exits.py' stands for a file that ended pytest, and no longer does: start a new run for its cases"
    }


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["-n1", "--max-worker-restart=0"]], ids=["one process", "xdist"])
@pytest.mark.parametrize("name", ["test_exits.py", "test_quits.py"])
def test_plain_pytest_ends_as_without_uitest(project: Project, words: list[str], name: str) -> None:
    """With pytest alone such a file ends it in the same way as without our plugin."""
    (project.folder / "cases").mkdir()
    (project.folder / "cases" / name).write_text(ENDS[name])

    def plain(*more: str) -> tuple[int, bool]:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words, *more, "cases"],
            cwd=project.folder, env=project.environ, check=False, capture_output=True, text=True,
        )  # fmt: skip
        return done.returncode, "SystemExit" in done.stdout + done.stderr

    assert plain() == plain("-p", "no:uitest")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import os; os._exit(0)", "ends the process that imports it: os._exit(0), at cases/conftest.py:1"),
        ("import sys; sys.exit(3)", "tries to end pytest when it is imported: SystemExit: 3, at cases/conftest.py:1"),
        ("raise KeyboardInterrupt", "tries to end pytest when it is imported: KeyboardInterrupt, at cases/conftest"),
        ("import pytest; pytest.exit('x')", "tries to end pytest when it is imported: pytest.exit: x, at cases/conf"),
    ],
)
def test_conftest_file_of_all_cases_that_ends_pytest_is_named(project: Project, text: str, message: str) -> None:
    """It is named, with exit code 2, by a run and by its dry run, also where nothing of it can be caught."""
    project.cases("def test_a(): pass\n")
    (project.folder / "cases" / "conftest.py").write_text(text)
    project.modules(Module("m", ("test_it::test_a",)))
    for words in (("run",), ("run", "--dry-run")):
        assert f"cases/conftest.py {message}" in project.run(*words, code=2).stderr


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["cases", "cases/deeper", "cases/test_folder"])
def test_broken_conftest_file_is_named(project: Project, folder: str) -> None:
    """Its file, line and error are named, with exit code 2, by a run and by its dry run."""
    project.cases("def test_a(): pass\n")
    (project.folder / folder).mkdir(exist_ok=True)
    (project.folder / folder / "test_more.py").write_text("def test_b(): pass\n")
    (project.folder / folder / "conftest.py").write_text("import os\nimport nothing_of_this_name\n")
    project.modules(Module("m", ("test_it::test_a",)))
    for words in (("run",), ("run", "--dry-run")):
        message = project.run(*words, code=2).stderr.splitlines()[-1]
        assert message == (
            f"uitest: {folder}/conftest.py cannot be loaded: ModuleNotFoundError: No module named "
            f"'nothing_of_this_name', at {folder}/conftest.py:2: import nothing_of_this_name"
        )
