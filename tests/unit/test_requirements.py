"""Packages that are too old are named in one line, before anything fails for it."""

import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from uitest import requirements
from uitest.cli import command
from uitest.errors import UsageError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("expected", ["4.2.0", "4.39.9", "3.141.0"])
def test_old_selenium_names_version_and_command(expected: str) -> None:
    """The message has the installed version, the required one, and the command."""
    with pytest.raises(UsageError, match=rf"^Selenium {expected} is too old: .* 4\.40 or newer .*: pip install 'sel"):
        requirements.check(expected)


@pytest.mark.parametrize("expected", [None, "4.40.0", "4.51.0", "5.0", "4.52.0rc1"])
def test_supported_selenium_raises_nothing(expected: str | None) -> None:
    """Supported versions pass, including the installed one."""
    requirements.check(expected)


def test_minimum_is_the_packages_own() -> None:
    """The check and setup.cfg name one version."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    (line,) = (line for line in config["options"]["install_requires"].splitlines() if line.startswith("selenium"))
    assert f">={'.'.join(map(str, requirements.SELENIUM))}," in line


@pytest.mark.parametrize("name", ["run", "rerun", "resume", "doctor"])
def test_commands_that_need_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """They are refused with exit code 2, before their modules, which import Selenium, do anything."""
    monkeypatch.setattr(requirements, "SELENIUM", (999, 0))
    result = CliRunner().invoke(command, [name])
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
    assert CliRunner().invoke(command, ["--help"]).exit_code == 0


def test_old_selenium_ends_pytest_with_code_4(monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester) -> None:
    """pytest ends with exit code 4 and one line."""
    # In this process, as the required version is replaced here; pytest ends before the plugin has done anything.
    monkeypatch.setattr(requirements, "SELENIUM", (999, 0))
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert (
        [line for line in result.errlines if line] == [line for line in result.errlines if "is too old" in line] != []
    )


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_system_than_linux_is_one_line(platform: str) -> None:
    """It names the system and what to do."""
    with pytest.raises(UsageError, match=f"^uitest runs browsers on Linux, and this is {platform}; use a container"):
        requirements.check_system(platform)


def test_linux_is_no_problem() -> None:
    """As where these tests run."""
    requirements.check_system()


def test_pytest_needs_linux_only_to_run_cases(monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester) -> None:
    """Cases can be collected on any system, as for a run in AWS."""
    # In this process, as the system is replaced here; nothing is run in it.
    monkeypatch.setattr(requirements, "sys", SimpleNamespace(platform="darwin"))
    pytester.makepyfile("def test_a(driver): pass")
    refused = pytester.runpytest_inprocess()
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert [line for line in refused.errlines if "uitest runs browsers on Linux, and this is darwin" in line]
    collected = pytester.runpytest_inprocess("--collect-only", "-q")
    assert collected.ret == 0
    collected.stdout.fnmatch_lines(["*::test_a*"])


def test_plugin_imports_no_more_of_selenium_than_its_package() -> None:
    """So a session without browsers does not pay for it, and one without a usable Selenium is told in one line."""
    code = """
import sys
import selenium  # its own package may load modules: since 4.52 one with its version
before = set(sys.modules)
import uitest.plugin
print([name for name in set(sys.modules) - before if name.startswith("selenium.")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
