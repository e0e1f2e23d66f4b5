"""The stack's account on this machine, with a repository to build and a site to test."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.conftest import HELPERS, OURS
from tests.support.aws.account import Account, deployed
from tests.support.aws.stack import Stack, whole
from tests.support.builds.buildspecs import Build, here
from tests.support.inner_pytest import FEW_PLUGINS
from uitest.local_aws.process import Image, ProcessEnvironment
from uitest.local_aws.service import Function
from uitest.reporting.web_server import SiteServer

CASES = """
from helpers import *
def test_title(driver, base_url):
    driver.get(base_url)
    assert driver.title == "Shop"
def test_wrong(driver, base_url):
    driver.get(base_url)
    assert driver.title == "Bank"
"""
TITLE, WRONG = "test_it::test_title", "test_it::test_wrong"


@dataclass(frozen=True)
class Local:
    """What tests look at."""

    account: Account
    folder: Path
    """The repository."""
    url: str
    """The test site."""

    def build(self, project: str, build_id: str, *cases: str) -> Build:
        """Run a project's buildspec for these cases."""
        self.account.modules(*cases)
        return self.account.build(project, build_id, self.folder, WebURL=self.url)


@pytest.fixture(scope="package")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    """One for all builds."""
    folder, site = tmp_path_factory.mktemp("repository"), tmp_path_factory.mktemp("site")
    (site / "index.html").write_text("<!doctype html><title>Shop</title>")
    (folder / "cases").mkdir()
    (folder / "cases" / "helpers.py").write_text(HELPERS)
    (folder / "cases" / "test_it.py").write_text(CASES)
    quick = {"UITEST_OFFLINE": "1", "UITEST_WORKERS": "1", "PYTEST_ADDOPTS": FEW_PLUGINS}
    clean = {name: text for name, text in os.environ.items() if not name.startswith(OURS)}

    def functions(stack: Stack, reached: dict[str, str]) -> Iterable[Function]:
        steps = stack.find("AWS::Lambda::Function")["Runner.RunFunction"]["Environment"]["Variables"]
        case = {**reached, "AWS_ACCESS_KEY_ID": "caserole", "UITEST_CASES": str(folder / "cases")}
        step = {**steps, **reached, "AWS_ACCESS_KEY_ID": "runrole"}
        for image in (Image("shop-cases", environ=case), Image("shop-steps", environ=step)):
            yield Function(image.function, partial(ProcessEnvironment, image), concurrency=2)

    with SiteServer(site) as server, deployed(here(), {**clean, **quick}, functions) as account:
        yield Local(account, folder, server.url)


@pytest.fixture(scope="module")
def stack() -> Stack:
    """With a repository on GitHub."""
    return whole()
