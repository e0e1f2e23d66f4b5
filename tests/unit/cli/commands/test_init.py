"""``uitest init``: what it finds, what it writes, and what it leaves alone."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from click.testing import CliRunner

from tests.unit.cli.conftest import Call, one_line
from uitest import distribution
from uitest.cli import command
from uitest.cli.checks.project_survey import CI_FILES, survey
from uitest.cli.commands import init as init_command
from uitest.config_file import choose, read
from uitest.templates import SAMPLE_URL

TEST = "from selenium import webdriver\ndef test_a(): pass\n"


def files(folder: Path) -> set[str]:
    """The names of all files below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def write(folder: Path, *names: str, text: str = TEST) -> None:
    """Write files with the same text."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_empty_folder_gets_settings_a_case_and_ignored_results(call: Call, tmp_path: Path) -> None:
    """Settings that can be read, a case for the sample page, and the folder of results ignored."""
    code, out, err = call("init", "new/shop", "--yes")
    assert (code, err) == (0, "")
    folder = tmp_path / "new" / "shop"
    assert files(folder) == {"uitest.toml", "cases/test_sample.py", ".gitignore"}
    assert "wrote       cases/test_sample.py" in out
    assert f"cd {folder}" in out
    assert "uitest serve --sample" in out
    settings = choose(read(folder), "ci")
    assert settings is not None
    assert settings.values["url"] == SAMPLE_URL
    assert settings.values["cases"] == "cases"
    assert (folder / ".gitignore").read_text() == ".uitest/\n"


def test_existing_files_are_not_overwritten(call: Call, tmp_path: Path) -> None:
    """A second time changes nothing, and neither does a first one where everything is there."""
    write(tmp_path, "cases/test_home_page.py", "conftest.py", "pytest.ini", text="")
    write(tmp_path, ".gitignore", text="a\n/.uitest")
    write(tmp_path, "pyproject.toml", text="[tool.uitest]\nretries = 1\n")
    before = {name: (tmp_path / name).read_text() for name in files(tmp_path)}
    code, out, _ = call("init", "--yes", "--example")
    assert code == 0
    assert {name: (tmp_path / name).read_text() for name in files(tmp_path)} == before
    assert "Settings of uitest are in pyproject.toml" in out
    assert "Used as they are as well: pytest.ini, conftest.py" in out
    for name in ("pyproject.toml", "cases/test_home_page.py", ".gitignore"):
        assert f"left alone  {name}" in out


def test_lines_are_added_to_gitignore(call: Call, tmp_path: Path) -> None:
    """After what is there, even where its last line has no end."""
    write(tmp_path, ".gitignore", text="build")
    assert "added to    .gitignore" in call("init", "--yes")[1]
    assert (tmp_path / ".gitignore").read_text() == "build\n.uitest/\n"


@pytest.mark.parametrize(
    ("names", "cases", "tests"),
    [
        (["tests/ui/test_a.py", "tests/ui/pages/b_test.py"], "tests/ui", 2),
        (["tests/a/test_a.py", "tests/b/test_a.py"], "tests", 2),
        (["test_a.py"], ".", 1),
        ([".venv/test_a.py", "node_modules/test_a.py"], "cases", 0),
    ],
)
def test_existing_suite_is_found(call: Call, tmp_path: Path, names: list[str], cases: str, tests: int) -> None:
    """The folder that holds all tests with a browser; other tests do not count, and no example is written then."""
    write(tmp_path, *names)
    write(tmp_path, "unit/test_sum.py", text="def test_sum(): pass\n")
    result = survey(tmp_path)
    assert result.cases == cases
    assert result.tests == (tests + 1 if cases == "." else tests)
    call("init", "--yes")
    assert (tmp_path / "cases" / "test_sample.py").exists() is (tests == 0)
    text = (tmp_path / "uitest.toml").read_text()
    assert f'cases = "{cases}"' in text
    assert ('# url = "https://shop.example"' in text) is (tests > 0)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", "[pytest]\ntestpaths = ui\n"),
        ("setup.cfg", "[tool:pytest]\ntestpaths =\n    ui\n"),
        ("pyproject.toml", '[tool.pytest.ini_options]\ntestpaths = ["ui"]\n'),
        ("pyproject.toml", '[tool.uitest]\ncases = "ui"\n'),
    ],
)
def test_folder_that_is_configured_is_used(tmp_path: Path, name: str, text: str) -> None:
    """pytest's own setting, and uitest's, before the place of files."""
    write(tmp_path, name, text=text)
    write(tmp_path, "ui/test_a.py", "other/test_b.py")
    assert survey(tmp_path).cases == "ui"


def test_ci_service_in_use_is_recognised(tmp_path: Path) -> None:
    """By its file or folder."""
    assert survey(tmp_path).ci == "none"
    write(tmp_path, "Jenkinsfile", text="")
    assert survey(tmp_path).ci == "jenkins"


@pytest.mark.parametrize("service", CI_FILES)
@pytest.mark.parametrize(("settings", "chosen"), [(None, True), ("[ci]\n", True), ("[nightly]\n", False)])
def test_ci_file_chooses_the_section_for_builds(
    call: Call, tmp_path: Path, service: str, settings: str | None, chosen: bool
) -> None:
    """Where there is one: a section that does not exist is an error."""
    if settings is not None:
        write(tmp_path, "uitest.toml", text=settings)
    code, _, _ = call("init", "--yes", "--ci", service)
    assert code == 0
    text = (tmp_path / CI_FILES[service]).read_text()
    assert bool(re.search(r"""UITEST_SECTION( =|:) ('ci'|ci)$""", text, re.MULTILINE)) is chosen
    assert ("UITEST_SECTION" in text) is chosen


@pytest.mark.parametrize("service", CI_FILES)
def test_ci_file_installs_no_unpublished_name(
    call: Call, tmp_path: Path, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a wheel no address is known: a placeholder that no host can have, said so. The name alone only if given."""
    monkeypatch.setattr(distribution, "distribution", lambda _name: SimpleNamespace(read_text=lambda _file: None))
    code, out, _ = call("init", "--yes", "--ci", service)
    assert code == 0
    text = (tmp_path / CI_FILES[service]).read_text()
    assert re.findall("uitest-fanout.*?(?=[\"'])", text) == ["uitest-fanout @ git+https://ADDRESS.invalid"]
    assert "('uitest-fanout @ git+https://ADDRESS.invalid' there is a placeholder: put a git+https address" in out
    (tmp_path / CI_FILES[service]).unlink()
    out = call("init", "--yes", "--ci", service, "--install-from", "uitest-fanout")[1]
    assert "(uitest-fanout is not on PyPI: whoever registers it there could run code in the build)" in out


def test_place_to_install_from_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a CI file is written and nothing is known; an impossible answer is asked again."""
    monkeypatch.setattr(init_command, "is_terminal", lambda: True)
    monkeypatch.setattr(distribution, "distribution", lambda _name: SimpleNamespace(read_text=lambda _file: None))
    address = "git+https://git.example/team/uitest"
    options = ["--cases", "ui", "--url", "https://shop.example", "--no-example", "--ci", "gitlab"]
    done = CliRunner().invoke(command, ["init", *options], input=f"it's\n{address}\n")
    assert done.exit_code == 0, done.output
    assert "has a character that a CI file cannot quote" in done.output
    assert f'UITEST_REQUIREMENT: "{address}"' in (tmp_path / CI_FILES["gitlab"]).read_text()


@pytest.mark.parametrize("service", CI_FILES)
def test_ci_file_says_what_is_installed_and_tested(call: Call, tmp_path: Path, service: str) -> None:
    """No placeholder is left, quotes in an address end no text, and a file that is there stays."""
    wheel, url = "https://files.example/uitest_fanout-1-py3-none-any.whl", "https://shop.example/it's?a=\\"
    code, out, _ = call("init", "--yes", "--ci", service, "--install-from", wheel, "--url", url)
    assert code == 0
    text = (tmp_path / CI_FILES[service]).read_text()
    assert wheel in text
    assert "https://shop.example/it%27s?a=%5C" in text
    assert not re.search(r"\{\{(install|url)", text)
    assert f"see in {CI_FILES[service]}" in out
    if service != "jenkins":
        assert wheel in str(yaml.safe_load(text))
    assert f"left alone  {CI_FILES[service]}" in call("init", "--yes")[1]
    assert (tmp_path / CI_FILES[service]).read_text() == text


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--install-from", "a'b"], ["--install-from", "cannot quote"]),
        (["--url", "shop.example"], ["'shop.example' is not the address"]),
        (["--url", "https://u:secret12@shop.example"], ["password", "UITEST_URL"]),
        (["--cases", "../ui"], ["'../ui' is not below"]),
        (["file"], ["'file' is a file; name a folder"]),
        (["file/x"], ["cannot be written"]),
    ],
)
def test_wrong_use_writes_nothing(call: Call, tmp_path: Path, words: list[str], parts: list[str]) -> None:
    """Nothing is written."""
    (tmp_path / "file").touch()
    before = files(tmp_path)
    one_line(call("init", "--yes", *words), *parts)
    assert files(tmp_path) == before


def test_questions_at_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not given is asked, and an impossible answer is asked again."""
    monkeypatch.setattr(init_command, "is_terminal", lambda: True)
    answers = "ui\nshop.example\nhttps://shop.example/\ny\n"
    done = CliRunner().invoke(command, ["init", "new", "--ci", "none"], input=answers)
    assert done.exit_code == 0, done.output
    assert "'shop.example' is not the address of a site" in done.output
    assert files(tmp_path / "new") == {"uitest.toml", "ui/test_home_page.py", ".gitignore"}
    assert 'url = "https://shop.example"' in (tmp_path / "new" / "uitest.toml").read_text()


def test_end_of_input_at_a_question_writes_nothing(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-D, or Ctrl-C, in the middle of the questions."""
    monkeypatch.setattr(init_command, "is_terminal", lambda: True)
    with Path("/dev/null").open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        code, _, err = call("init", "new")
    assert (code, err.splitlines()[-1]) == (130, "uitest: interrupted")
    assert not (tmp_path / "new").exists()


def test_file_that_cannot_be_read_is_no_test_of_a_browser(tmp_path: Path) -> None:
    """As a link to nothing."""
    (tmp_path / "test_gone.py").symlink_to(tmp_path / "nowhere")
    assert survey(tmp_path).cases == "cases"
