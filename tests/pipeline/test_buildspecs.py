"""What must hold of every buildspec, read with a parser; ``test_builds`` runs them."""

import re
import shlex
import subprocess
from typing import Any

import click
import pytest

from tests.support.aws.stack import FOLDER, whole
from tests.support.builds.buildspecs import PHASES, buildspec, commands
from tests.unit.cli.test_cli_docs import KNOWN, options
from uitest.cli.commands.ci import REPORT
from uitest.config import ALIASES
from uitest.model import BROWSERS

NAMES = sorted(path.name for path in FOLDER.glob("*.yml"))
WITHOUT_CASES = {"base.yml", "image.yml", "site.yml"}
"""Those that run no case."""

PROJECTS = {
    about["Source"]["BuildSpec"].removeprefix("buildspecs/"): {
        variable["Name"] for variable in about["Environment"]["EnvironmentVariables"]
    }
    for about in whole().find("AWS::CodeBuild::Project").values()
}
"""Variables that the project of a buildspec sets."""

GIVEN = {"CODEBUILD_BUILD_ID", "CODEBUILD_SRC_DIR", "PWD"}
"""By CodeBuild itself or the shell."""
READ_BY_UITEST = {*ALIASES, "ModuleTable", "StatusTable", "UITEST_BRANCH"} | {
    str(param.envvar)
    for command in ("run", "ci")
    for param in KNOWN[command].params
    if isinstance(param, click.Option) and param.envvar
}


def text(name: str) -> str:
    """Its commands."""
    return "\n".join(commands(buildspec(name)))


def test_each_buildspec_has_a_project() -> None:
    """Each project names a buildspec that exists, too."""
    assert set(NAMES) == set(PROJECTS)
    assert {"chrome.yml", "firefox.yml", "webkit.yml", "lambda.yml", "matrix.yml", "image.yml"} < set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_buildspec_has_only_keys_that_codebuild_knows(name: str) -> None:
    """Nothing is installed by it."""
    spec = buildspec(name)
    assert spec["version"] == 0.2
    assert set(spec) <= {"version", "env", "phases", "reports", "artifacts", "batch"}
    assert set(spec["phases"]) <= set(PHASES) - {"install"}
    installers = re.search(r"\b(apt-get|apt|pip|pipx|npm|yum|dnf|curl|wget)\b", text(name))
    assert not installers, installers
    assert commands(spec)
    assert all(isinstance(command, str) and command for command in commands(spec))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITHOUT_CASES])
def test_buildspec_reports_the_junit_file(name: str) -> None:
    """CodeBuild's report is the JUnit file that the command writes for it."""
    (report,) = buildspec(name)["reports"].values()
    assert f"{report['base-directory']}/{report['files'][0]}" == str(REPORT)
    assert report["file-format"] == "JUNITXML"


@pytest.mark.parametrize("name", NAMES)
def test_commands_and_options_in_buildspecs_exist(name: str) -> None:
    """The command line knows every command and option of uitest that a buildspec uses."""
    calls = re.findall(r"(?:^|[|(] ?)\s*(uitest [^|&>)\n]*)", text(name), re.MULTILINE)
    for call in calls:
        arguments = shlex.split(call)[1:]
        command = next((item for item in (" ".join(arguments[:2]), arguments[0]) if item in KNOWN), None)
        assert command, call
        assert {word for word in arguments if word.startswith("--")} <= options(KNOWN[command]), call
    assert calls or name in WITHOUT_CASES


@pytest.mark.parametrize("name", NAMES)
def test_variables_that_are_read_are_set_and_the_other_way_round(name: str) -> None:
    """The project, the buildspec or CodeBuild sets what is read; what is set is read."""
    spec: dict[str, Any] = buildspec(name)
    itself = set(spec.get("env", {}).get("variables", {}))
    batch = set(spec.get("batch", {}).get("build-matrix", {}).get("dynamic", {}).get("env", {}).get("variables", {}))
    output = text(name) + str(spec.get("artifacts", ""))
    used = set(re.findall(r"\$\{?([A-Za-z_]\w*)\b(?!:-)", output))  # but for what has a default
    here = set(re.findall(r"(?:^|\s)(?:export )?([A-Za-z_]\w*)=", output)) | set(re.findall(r"\bfor (\w+) in", output))
    assert used <= PROJECTS[name] | itself | batch | GIVEN | here
    runs_uitest = "uitest ci" in output
    read = used | (READ_BY_UITEST if runs_uitest else set()) | {"DOCKER_BUILDKIT"}
    assert (PROJECTS[name] | itself | batch) <= read
    if runs_uitest:
        assert "BROWSER" in itself | batch
        assert "MODULES" in PROJECTS[name]
        assert "WebURL" in PROJECTS[name] or "uitest ci --serve" in output
    assert not PROJECTS[name] & itself, "said twice"


def test_matrix_has_a_build_for_every_engine() -> None:
    """The batch has one build for each engine."""
    assert tuple(buildspec("matrix.yml")["batch"]["build-matrix"]["dynamic"]["env"]["variables"]["BROWSER"]) == BROWSERS


@pytest.mark.parametrize("name", ["chrome", "firefox", "webkit"])
def test_buildspecs_of_engines_differ_in_the_engine_only(name: str) -> None:
    """Nothing else is different."""
    spec, chrome = buildspec(f"{name}.yml"), buildspec("chrome.yml")
    assert spec["env"]["variables"].pop("BROWSER") == name
    chrome["env"]["variables"].pop("BROWSER")
    assert spec == chrome


@pytest.mark.parametrize("name", NAMES)
def test_commands_are_plain_sh(name: str) -> None:
    """CodeBuild promises no other shell."""
    for command in commands(buildspec(name)):
        done = subprocess.run(["sh", "-n"], input=command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
