"""A quarantine in whole runs: what is excused, what is not, and that every report agrees."""

import json

import pytest

from tests.e2e.conftest import Project

CASES = """
def test_known(): ran("known"); assert False, "known error"
def test_new(): assert False, "new error"
def test_passes(): pass
"""


LAST_DAY, LONG_AGO = "9999-12-31", "2020-01-01"


def test_quarantined_case_runs_and_does_not_make_the_run_red(project: Project) -> None:
    """The other failure does; with both excused the run is green and says so, and with an old row it is red again."""
    project.cases(CASES)
    file = project.folder / "quarantine.toml"
    row = f'[[quarantine]]\ncase = "*known"\nerror = "known"\nowner = "@me"\nreason = "bug 7"\nuntil = {LAST_DAY}\n'
    file.write_text(row)
    done = project.run("run", "--run-id", "one", "--retries", "1", code=1)
    assert (
        f"quarantined test_it / test_it::test_known · chrome  AssertionError: known error  (until {LAST_DAY}"
        in done.stderr
    )
    assert "1 passed, 1 quarantined, 1 failed" in done.stderr
    assert project.ran() == ["known"] * 2
    assert project.status("one")["counts"] == {"passed": 1, "quarantined": 1, "failed": 1}
    assert project.junit() == {
        "test_it::test_known": "skipped",
        "test_it::test_new": "failure",
        "test_it::test_passes": "passed",
    }

    file.write_text(f'{row}[[quarantine]]\nerror = "new error"\nuntil = {LAST_DAY}\n')
    project.run("run", "--run-id", "two", "--max-failures", "1", code=0)
    home = json.loads((project.folder / ".uitest" / "site" / "home.json").read_text())
    assert home["runs"][0]["headline"]["word"] == "Passed, 2 quarantined"

    file.write_text(row.replace(LAST_DAY, LONG_AGO))
    done = project.run("run", "--run-id", "three", code=1)
    assert f"its quarantine is over: until {LONG_AGO}, @me: bug 7" in done.stderr
    project.run("report", "two", "--junit", ".uitest/junit.xml")  # of an old run, long after its file has changed
    assert list(project.junit().values()).count("skipped") == 2


@pytest.mark.slow
def test_row_of_the_store_counts_like_one_of_the_file(project: Project) -> None:
    """CODEOWNERS names who has it; released, the case is red again."""
    project.cases(CASES.replace('False, "new error"', "True"))
    (project.folder / "CODEOWNERS").write_text("cases/ @everybody\n")
    (project.folder / "quarantine.toml").write_text(
        f'[[quarantine]]\ncase = "test_it::test_known"\nuntil = {LONG_AGO}\n'
    )
    project.run("quarantine", "check", code=1)
    project.run("quarantine", "add", "test_it::test_known", "--until", LAST_DAY, "--error", "known")
    done = project.run("run", "--run-id", "one")
    assert f"(until {LAST_DAY}, @everybody)" in done.stderr
    project.run("quarantine", "release", "test_it::test_known")
    done = project.run("run", "--run-id", "two", code=1)
    assert f"its quarantine is over: until {LONG_AGO}, @everybody" in done.stderr


@pytest.mark.slow
def test_row_about_a_case_does_not_excuse_that_it_ends_pytest(project: Project) -> None:
    """Nothing is known about the site then: the run is red, unless the row names the error."""
    project.cases('import pytest\ndef test_ends(): pytest.exit("bye")\n')
    file = project.folder / "quarantine.toml"
    row = f'[[quarantine]]\ncase = "test_it::test_ends"\nowner = "@me"\nuntil = {LAST_DAY}\n'
    file.write_text(row)
    project.run("run", "--run-id", "one", code=3)
    assert project.status("one")["counts"] == {"error": 1}
    file.write_text(f'{row}error = "bye"\n')
    project.run("run", "--run-id", "two", code=0)
    assert project.status("two")["counts"] == {"quarantined": 1}


@pytest.mark.slow
def test_run_of_everything_warns_of_a_row_without_a_case(project: Project) -> None:
    """In one line with its place; a run of some modules does not know the others' cases."""
    project.cases(CASES)
    row = '[[quarantine]]\ncase = "test_it::{}"\nuntil = 9999-12-31\n'
    (project.folder / "quarantine.toml").write_text(row.format("typo") + row.format("test_known"))
    line = (
        "uitest: no module has these quarantined cases: 'test_it::typo' (quarantine.toml:1); "
        "see: uitest quarantine check"
    )
    assert line in project.run("run", "--dry-run").stderr.splitlines()
    assert line not in project.run("run", "--dry-run", "test_it").stderr.splitlines()


def test_wrong_file_is_refused_before_the_run(project: Project) -> None:
    """One line with file and line; nothing has run."""
    project.cases(CASES)
    (project.folder / "quarantine.toml").write_text('[[quarantine]]\ncase = "x"\nuntill = 2026-12-31\n')
    done = project.run("run", code=2)
    assert done.stderr.splitlines() == [
        "uitest: quarantine.toml:1: unknown key 'untill' (did you mean 'until'?); known are case, error, browser, "
        "owner, reason, link, until"
    ]
    assert not project.ran()
