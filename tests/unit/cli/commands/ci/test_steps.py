"""The steps of ``uitest ci``, their order and what its last line says; the steps themselves are recorded, not run."""

import os
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.unit.cli.commands.ci.conftest import Ci, exported
from uitest import cli


def test_green_build_shows_browsers_runs_and_reports(build: Ci) -> None:
    """In this order; options go to the run, and the ones of browsers to the doctor."""
    lines = build(
        "--url", "http://shop.example", "--browser", "firefox,webkit", "--headless", "new", "m1", "--run-id", "r"
    )
    assert lines == [
        "step: doctor --browser firefox,webkit --headless new",
        "step: run --run-id "
        + lines[1].split()[3]
        + " --url http://shop.example --browser firefox,webkit --headless new m1 "
        "--run-id r",
        "report: r",
        "## the summary",
        "UITEST: green",
        "exit code 0",
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0, "UITEST: green"),
        (1, "UITEST: a case failed"),
        (2, "UITEST: set up wrong"),
        (3, "UITEST: the run broke (exit code 3)"),
        (130, "UITEST: the run broke (exit code 130)"),
    ],
)
def test_last_line_says_whose_fault_it_is(build: Ci, code: int, expected: str) -> None:
    """A case that failed, wrong use or a run that broke; the exit code is the run's."""
    lines = build("--url", "http://shop.example", codes={"run": code})
    assert lines[-2].startswith(expected)
    assert lines[-1] == f"exit code {code}"


def test_green_build_is_not_silent_about_the_quarantine(build: Ci) -> None:
    """Its last line has their number, a red one's has not."""
    assert build("--url", "http://shop.example", quarantined=2)[-2:] == ["UITEST: green, 2 quarantined", "exit code 0"]
    assert "quarantined" not in build("--url", "http://shop.example", codes={"run": 1}, quarantined=2)[-2]


def test_browser_that_does_not_start_ends_the_build(build: Ci) -> None:
    """Nothing is run, and there is nothing to report."""
    lines = build("--url", "http://shop.example", codes={"doctor": 3})
    assert [line.split()[1] for line in lines[:-2]] == ["doctor"]
    assert lines[-2].startswith("UITEST: the run broke (exit code 3)")


def test_wrong_option_is_set_up_wrong(build: Ci) -> None:
    """The run itself says what is wrong with it."""
    lines = build("--workers", "none", codes={"run": 2})
    assert lines[0].startswith("step: run ")
    assert lines[-2].startswith("UITEST: set up wrong")


def test_report_that_fails_is_a_line(build: Ci) -> None:
    """It changes neither exit code nor last line."""
    lines = build("--url", "http://shop.example", codes={"run": 3})
    assert "UITEST: page or summary could not be written: there is no such run" in lines
    assert lines[-1] == "exit code 3"


def test_other_executor_needs_no_browser_here(build: Ci, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the environment too."""
    monkeypatch.setenv("UITEST_EXECUTOR", "lambda")
    assert build("--url", "http://shop.example")[0].startswith("step: run ")


def test_module_table_of_the_build_is_filled(build: Ci, folder: Path) -> None:
    """From the file beside the cases; a table that others have too is left alone."""
    (folder / "ui").mkdir()
    (folder / "ui" / "modules.json").write_text("{}")
    lines = build("--url", "http://shop.example", "--cases", "ui")
    assert lines[0] == "step: modules sync --cases ui --store sqlite:.uitest/uitest.db"
    lines = build("--url", "http://shop.example", "--cases", "ui", "--store", "dynamodb:a,b")
    assert lines[0].startswith("step: doctor")


def test_folder_is_served_during_the_build(build: Ci, folder: Path) -> None:
    """Its address is the one under test, and is gone afterwards."""
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text("hello")
    seen = []

    def visit(argv: list[str]) -> None:
        if argv[0] == "run":
            seen.append(urlopen(argv[argv.index("--url") + 1]).read())  # noqa: S310

    lines = build("--serve", "site", during=visit)
    assert seen == [b"hello"]
    url = lines[0].removeprefix("UITEST: serving site at ")
    assert f"--url {url} " in next(line for line in lines if line.startswith("step: run "))
    with pytest.raises(OSError, match="refused"):
        urlopen(url)  # noqa: S310


def test_folder_that_is_missing_is_set_up_wrong(build: Ci) -> None:
    """One line, and the last one."""
    first, last, code = build("--serve", "nowhere")
    assert first.startswith("uitest: ")
    assert "nowhere" in first
    assert last.startswith("UITEST: set up wrong")
    assert code == "exit code 2"


def test_section_of_the_file_says_what_is_served(build: Ci, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless command line or environment name an address; the file's address is that of other runs."""
    (folder / "uitest.toml").write_text('url = "http://127.0.0.1:9"\n[ci]\nserve = "site"\nagainst = "main"\n')
    (folder / "site").mkdir()
    lines = build("--section", "ci")
    url = lines[0].removeprefix("UITEST: serving site at ")
    assert any(line.startswith("step: run ") and f"--url {url} " in line for line in lines)
    assert "UITEST: no case file comes first: git cannot compare with origin/main" in " ".join(lines)
    assert not [line for line in build("--section", "ci", "--url", "http://a.example") if "serving" in line]
    assert os.environ["UITEST_SECTION"] == "ci", "for the processes that it starts"
    assert build()[0].startswith("UITEST: serving site at ")
    monkeypatch.setenv("WebURL", "http://a.example")
    assert not [line for line in build() if "serving" in line]


@pytest.mark.parametrize("words", [("--section", "nightly"), ("--serve",)])
def test_wrong_option_of_its_own_is_set_up_wrong(build: Ci, folder: Path, words: tuple[str, ...]) -> None:
    """The last line says so here, too."""
    (folder / "uitest.toml").write_text("[ci]\n")
    *first, last, code = build(*words)
    assert any(words[0] in line for line in first)
    assert last.startswith("UITEST: set up wrong")
    assert code == "exit code 2"


def test_step_that_refuses_to_begin_is_followed_by_the_last_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As where a file of the repository hides the package."""
    (folder / "uitest.py").touch()
    monkeypatch.setenv("UITEST_EXECUTOR", "lambda")
    assert cli.exit_code_of(["ci", "--url", "http://shop.example"]) == 2
    first, last = capfd.readouterr().err.splitlines()
    assert first.startswith("uitest: uitest.py in ")
    assert last.startswith("UITEST: set up wrong")


def test_summary_is_added_to_githubs_page(build: Ci, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To what is there already."""
    (folder / "page").write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "page"))
    build("--url", "http://shop.example")
    assert (folder / "page").read_text() == "before\n## the summary\n"


def test_build_of_codebuild_has_its_name_and_its_report(build: Ci, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the report has no room for is told; other services get the JUnit file only."""
    build("--url", "http://shop.example")
    monkeypatch.setenv("CODEBUILD_BUILD_ID", "project:1")
    lines = build("--url", "http://shop.example")
    assert "report: project:1" in lines
    assert "UITEST: CodeBuild's report takes 500 cases, red ones first; the JUnit file has 102 more" in lines
    assert exported[-2:] == [{"single_file"}, {"single_file", "codebuild"}]
