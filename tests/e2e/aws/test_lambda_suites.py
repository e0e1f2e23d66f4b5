"""Suites as other teams write them, in Lambda: they come to the verdicts that they come to on a developer's machine."""

import os
import shutil
from pathlib import Path

import pytest

from tests.e2e.aws.cloud import account
from tests.e2e.conftest import Project
from tests.e2e.suites.test_suites import ROOT, VERDICTS, names
from tests.support.inner_pytest import FEW_PLUGINS, WITH_BDD
from tests.support.plugins import DJANGO, installed
from uitest.deploy import image_context, project_files
from uitest.local_aws.process import Image
from uitest.reporting.web_server import SiteServer

pytestmark = pytest.mark.slow

FOLDERS = {
    "bdd": "",
    "django_site": "functional_tests",
    "page_objects": "tests",
    "pytest_selenium_style": "",
    "session_driver": "tests",
    "unittest_style": "tests",
}
"""The folder with the cases of each suite, below the root of its repository."""


@pytest.mark.parametrize("name", VERDICTS)
def test_suite_comes_to_the_same_verdicts_in_lambda(project: Project, name: str) -> None:
    """The function has nothing of the suite but what the image would hold."""
    suite, staged = project.folder / "suite", project.folder / "staged"
    shutil.copytree(ROOT / "tests" / "suites" / name, suite, ignore=shutil.ignore_patterns("__pycache__"))
    chosen = project_files.read(suite, FOLDERS[name] or ".")
    image_context.write(image_context.project_context(chosen), staged)
    plugins = f"{FEW_PLUGINS} {WITH_BDD}" if name == "bdd" else FEW_PLUGINS
    python_path = os.pathsep.join(filter(None, [str(ROOT), str(installed(DJANGO)) if name == "django_site" else ""]))
    project.environ |= {"PYTEST_ADDOPTS": plugins, "PYTHONPATH": python_path}
    inside = {
        "UITEST_PROJECT": str(staged / "project"),
        "UITEST_CASES": str(staged / "project" / FOLDERS[name]),
        "PYTEST_ADDOPTS": plugins,
        "PYTHONPATH": python_path,
    }
    with (
        SiteServer(ROOT / "cases" / "site") as site,
        account(project, Image("suite", environ=inside), UITEST_EXECUTOR="lambda", UITEST_FUNCTION="suite") as cloud,
    ):
        words = ("--cases", str(suite / FOLDERS[name]), "--url", site.url, "--retries", "0")
        project.run("run", "--run-id", "r", *words, "--cases-per-invocation", "auto", code=1, environ=cloud.environ)
        rows = cloud.store.jobs("r")
        owners = {attempt.owner.partition(":")[0] for row in rows for attempt in row.attempts}
        verdicts = {names(row.job.case): row.attempts[-1].verdict.value for row in rows}
    assert owners == {"lambda"}
    assert verdicts == VERDICTS[name], {row.job.case: row.attempts[-1].error for row in rows}
    assert {path.relative_to(staged / "project").as_posix() for path in files(staged / "project")} == set(chosen.files)


def files(folder: Path) -> set[Path]:
    """All files below a folder."""
    return {path for path in folder.rglob("*") if path.is_file()}
