"""Nobody is told to install the stranger's package called uitest, and where it is installed, that is said."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from uitest import cli, distribution

ROOT = Path(__file__).parents[2]

STRANGERS = re.compile(
    r"\b(?:pip3?|pipx|uv|uvx|poetry|pdm)\b[^\n;&|]*\b(?:install|add|run|download|wheel)\b[^\n;&|]*"
    r"(?<![\w./@\[-])uitest(?:\[[\w,-]*\])?(?![\w./@:-])"
)
"""A command that installs the distribution ``uitest``."""
REQUIREMENT = re.compile(r"^\s*uitest(?:\[[\w,-]*\])?\s*(?:[=<>~!]=|[<>])", re.MULTILINE)
"""A line of a requirements file that does."""


def installs_a_stranger(text: str) -> str | None:
    """The part of a text that does."""
    match = STRANGERS.search(text) or REQUIREMENT.search(text)
    return match[0] if match else None


@pytest.mark.parametrize(
    "text",
    [
        "pip install uitest",
        "pip install -U 'uitest[lambda]'",
        "- python -m pip install pytest uitest",
        "uitest==0.2.5\n",
        "pipx install uitest",
        "uv add uitest",
        'run: pip install "uitest>=1"',
    ],
)
def test_scan_finds_what_it_looks_for(text: str) -> None:
    """Else it would pass for nothing."""
    assert installs_a_stranger(text)


@pytest.mark.parametrize(
    "text",
    [
        "pip install uitest-fanout",
        "pip install dist/uitest_fanout-0.1.0-py3-none-any.whl",
        'pip install "uitest-fanout @ git+https://git.example/uitest.git"',
        "pip uninstall uitest uitest-fanout",
        "uitest install chrome",
    ],
)
def test_scan_lets_pass_what_is_ours(text: str) -> None:
    """The distribution's own name, wheels, and the command."""
    assert installs_a_stranger(text) is None


def test_repository_never_installs_the_stranger() -> None:
    """Documents, CI files, messages and scripts, but for this file."""
    argv = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "README.md" in names
    parts = {}
    for name in names:
        path = ROOT / name
        if path == Path(__file__) or path.suffix == ".png" or not path.is_file():
            continue
        if part := installs_a_stranger(path.read_text()):
            parts[name] = part
    assert parts == {}


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The other package is installed; returns what is said."""
    information = tmp_path / "uitest-0.2.5.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: uitest\nVersion: 0.2.5\n")
    monkeypatch.syspath_prepend(tmp_path)
    return (
        "uitest: the package uitest 0.2.5 is installed too: it is another project's and shares files with "
        "uitest-fanout; run: pip uninstall uitest uitest-fanout, then install uitest-fanout again"
    )


def test_nothing_is_said_without_the_stranger() -> None:
    """As where these tests run."""
    assert distribution.other_distribution() is None


def test_command_names_the_stranger(stranger: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line before anything else; the command goes on."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().err.splitlines() == [stranger]


def test_stranger_that_came_last_is_named_too(stranger: str, tmp_path: Path) -> None:
    """Its file uitest/__init__.py is then in the place of ours."""
    (tmp_path / "uitest").mkdir()
    for path in (ROOT / "uitest").iterdir():
        if path.name not in ("__init__.py", "__pycache__"):
            (tmp_path / "uitest" / path.name).symlink_to(path)
    (tmp_path / "uitest" / "__init__.py").write_text('"""Another project."""\n')
    argv = [sys.executable, "-m", "uitest", "--version"]
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(argv, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()) == (0, [stranger])
    assert distribution.VERSION in done.stdout


def test_plugin_names_the_stranger(stranger: str, pytester: pytest.Pytester) -> None:
    """One line of pytest's header."""
    result = pytester.runpytest_inprocess()
    assert result.outlines.count(stranger) == 1


def test_installed_version_is_the_packages_own() -> None:
    """What pip says and what the command says are one version of one name."""
    assert distribution.version(distribution.NAME) == distribution.VERSION
    assert distribution.VERSION in CliRunner().invoke(cli.command, ["--version"]).output


@pytest.mark.parametrize("name", ["uitest/__init__.py", "uitest.py"])
def test_file_of_the_project_that_hides_the_package_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where cases are to be imported; a folder without ``__init__.py`` hides nothing, nor does the package itself."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    assert distribution.shadow(tmp_path) is None
    (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    assert cli.exit_code_of(["run", "--url", "http://127.0.0.1:9"]) == 2
    assert capsys.readouterr().err.startswith(f"uitest: {name} in {tmp_path} would be imported in the place of")
    assert distribution.shadow(Path(distribution.__file__).parents[1]) is None


@pytest.mark.parametrize(
    ("noted", "expected"),
    [
        (None, distribution.PLACEHOLDER),
        ('{"url": "file:///home/me/uitest", "dir_info": {"editable": true}}', distribution.PLACEHOLDER),
        ("damaged", distribution.PLACEHOLDER),
        (
            '{"url": "https://git.example/o/n", "vcs_info": {"vcs": "git", "requested_revision": "v1"}}',
            "uitest-fanout @ git+https://git.example/o/n@v1",
        ),
        (
            '{"url": "https://git.example/o/n", "vcs_info": {"vcs": "git", "commit_id": "1f"}}',
            "uitest-fanout @ git+https://git.example/o/n",
        ),
        (
            '{"url": "https://me:token@git.example/o/n", "vcs_info": {"vcs": "git", "commit_id": "1f"}}',
            distribution.PLACEHOLDER,
        ),
    ],
)
def test_install_source_is_a_git_address_without_password(
    noted: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A git address, as pip has noted it; neither a folder of this machine nor a password."""
    installed = SimpleNamespace(read_text=lambda _name: noted)
    monkeypatch.setattr(distribution, "distribution", lambda _name: installed)
    assert distribution.requirement() == expected
