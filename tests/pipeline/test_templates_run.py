"""The shipped files for CI services, filled in and run as their service would, with the wheel installed elsewhere.

What a service does besides (checking out, images, caches, artifacts) is not made here; commands and variables are real.
"""

import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import OURS
from tests.pipeline.test_other_ci import FILES
from tests.support.builds.buildspecs import here, run_buildspec, run_shell
from tests.support.builds.repository import NEW
from tests.unit.tools.test_distributions import NEEDED, ROOT
from tools import release
from uitest.reporting.web_server import SiteServer

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Machine:
    """What a service's machine has: Python with pip on the PATH, a repository, a site."""

    environ: dict[str, str]
    folder: Path
    wheel: Path
    url: str

    def filled(self, name: str) -> str:
        """The template with its two placeholders replaced."""
        return FILES[name].replace("{{install}}", str(self.wheel)).replace("{{url}}", self.url)

    def shell(self, argv: list[str], script: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        """A shell of the service with a script in a file."""
        file = self.folder.parent / "script"
        file.write_text(script)
        return run_shell([*argv, str(file)], cwd=self.folder, env={**self.environ, **environ})


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An environment in which nothing of uitest is installed, but what it depends on; and the wheel."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("dist")
    subprocess.run(["cp", "-r", *(str(ROOT / name) for name in NEEDED), str(copy)], check=True)
    wheel = release.build(copy, out).wheel
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    others = tmp_path_factory.mktemp("others")
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "uitest" not in path.name:
            (others / path.name).symlink_to(path)
    (packages,) = folder.glob("lib/python3*/site-packages")
    (packages / "others.pth").write_text(f"{others}\n")
    return folder, wheel


@pytest.fixture
def machine(environment: tuple[Path, Path], tmp_path: Path) -> Iterator[Machine]:
    """A repository with one case, which is its own: nothing of this one is in it."""
    folder, site = tmp_path / "repository", tmp_path / "site"
    (folder / "cases").mkdir(parents=True)
    (folder / "cases" / "test_new.py").write_text(NEW)
    (folder / "cases" / "modules.json").write_text(json.dumps({"m": ["test_new::test_new"]}))
    (folder / "uitest.toml").write_text("[ci]\nretries = 1\n")
    site.mkdir()
    (site / "index.html").write_text("<!doctype html><title>Shop</title>")
    venv, wheel = environment
    clean = {name: text for name, text in os.environ.items() if not name.startswith((*OURS, "PYTHON", "VIRTUAL_ENV"))}
    clean.update(PATH=f"{venv / 'bin'}:{os.environ['PATH']}", UITEST_OFFLINE="1", UITEST_WORKERS="1")
    with SiteServer(site) as server:
        yield Machine(clean, folder, wheel, server.url)
    assert subprocess.run([venv / "bin" / "pip", "-q", "uninstall", "-y", "uitest-fanout"], check=False).returncode == 0


def codebuild(machine: Machine) -> str:
    """The runner of buildspecs."""
    spec = yaml.safe_load(machine.filled("buildspec.yml"))
    done = run_buildspec(spec, machine.folder, machine.environ, here_with(machine))
    assert done.code == 0, done.output
    assert done.exported == {"UITEST_SUMMARY": "1 passed"}
    assert [report.cases for report in done.reports.values()] == [("test_new::test_new",)]
    assert done.artifact is not None
    assert ".uitest/junit.xml" in done.artifact.files
    return done.output


def here_with(machine: Machine) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """A shell whose programs are those of the machine's environment, not of this one."""
    return here(Path(machine.environ["PATH"].partition(":")[0]))


def github(machine: Machine) -> str:
    """Each step in a bash of its own; what a step needs of actions is left out."""
    job = yaml.safe_load(machine.filled("github.yml"))["jobs"]["cases"]
    values = {"matrix.browser": "chrome"}
    environ = {
        name: re.sub(r"\$\{\{ (.+?) \}\}", lambda match: values[match[1]], text) for name, text in job["env"].items()
    }
    page = machine.folder.parent / "page.md"
    output = ""
    for step in job["steps"]:
        if "run" in step:
            done = machine.shell(["bash", "-e"], step["run"], GITHUB_STEP_SUMMARY=str(page), **environ)
            assert done.returncode == 0, done.stdout
            output += done.stdout
    assert page.read_text() == (machine.folder / ".uitest" / "summary-chrome.md").read_text()
    assert list((machine.folder / ".uitest" / "known" / "runs").iterdir())
    return output


def gitlab(machine: Machine) -> str:
    """All commands in one shell that ends with the first that fails."""
    job: dict[str, Any] = yaml.safe_load(machine.filled("gitlab.yml"))["ui-tests"]
    script = "\n".join(["set -e", *job["script"]])
    done = machine.shell(["sh"], script, **job["variables"], UITEST_BROWSER="chrome")
    assert done.returncode == 0, done.stdout
    return done.stdout


def jenkins(machine: Machine) -> str:
    """Each step in a shell of its own."""
    text = machine.filled("Jenkinsfile")
    environ = dict(re.findall(r"^\s*(UITEST_\w+) = '(.*)'$", text, re.MULTILINE))
    output = ""
    for command in re.findall(r"^\s*sh '(.*)'$", text, re.MULTILINE):
        done = machine.shell(["sh", "-xe"], command, **environ, UITEST_BROWSER="chrome")
        assert done.returncode == 0, done.stdout
        output += done.stdout
    return output


@pytest.mark.parametrize("service", [codebuild, github, gitlab, jenkins])
def test_ci_template_runs_green_and_keeps_its_files(machine: Machine, service: Callable[[Machine], str]) -> None:
    """The wheel is installed, the case passes, and report, page and summary are where the file takes them from."""
    output = service(machine)
    assert "UITEST: green\n" in output
    assert "chrome: everything is installed\n" in output
    assert {"junit.xml", "run.html", "summary.md", "site"} <= {
        path.name for path in (machine.folder / ".uitest").iterdir()
    }
