"""Every buildspec run in the image as CodeBuild runs it: as root, with its project's variables, an emulator for AWS.

All but that of the image itself, which needs an engine inside a container: ``tests/pipeline`` runs it with stand-ins.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.aws.account import Account, deployed
from tests.support.builds.buildspecs import Build, buildspec
from tests.support.builds.containers import Engine, LambdaContainer, shell
from tests.support.builds.repository import NEW, pull_request
from uitest.local_aws.service import Function
from uitest.model import BROWSERS
from uitest.reporting.web_server import SiteServer

CASES = f"{NEW}{NEW.replace('test_new', 'test_wrong').replace('Shop', 'Bank')}"
RIGHT, WRONG = "test_it::test_new", "test_it::test_wrong"
SAMPLE = "tc001"
"""A case that the image has: what Lambda runs is the image's."""


@pytest.fixture(scope="module")
def account(engine: Engine, rie: Path) -> Iterator[Account]:
    """One whose builds run in containers, and whose function does too."""

    def functions(_stack: object, reached: dict[str, str]) -> Iterator[Function]:
        case = {**reached, "AWS_ACCESS_KEY_ID": "caserole"}
        yield Function("shop-cases", lambda: LambdaContainer(engine, rie, case), concurrency=1)

    with deployed(shell(engine), {}, functions) as account:
        yield account


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """Address of a site with a title."""
    with SiteServer(Path(__file__).parent / "site") as site:
        yield site.url


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A checkout with a case that passes and one that does not."""
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "test_it.py").write_text(CASES)
    return tmp_path


def passed(done: Build, source: Path, *browsers: str) -> None:
    """The build is green, and left JUnit file, page and comment of a case in these engines."""
    assert done.code == 0, done.output
    assert done.output.endswith("UITEST: green\n")
    for browser in browsers:
        assert f"\n {browser} " in done.output, "doctor shows it"
    left = source / ".uitest"
    cases = list(ElementTree.parse(left / "junit.xml").iter("testcase"))  # noqa: S314  our own file
    assert len(cases) == len(browsers)
    assert RIGHT in (left / "run.html").read_text()
    assert (left / "summary.md").read_text() in done.output


@pytest.mark.parametrize("project", ["TestOnChrome", "TestOnFirefox", "TestOnWebKit"])
def test_green_build_publishes_its_pages(account: Account, source: Path, shop: str, project: str) -> None:
    """Chrome, Firefox and WebKit: green, the pages in the bucket, one line for whoever approves."""
    account.modules(RIGHT)
    done = account.build(project, f"shop-{project}:1", source, WebURL=shop)
    passed(done, source, project.removeprefix("TestOn").lower())
    assert done.exported == {"UITEST_SUMMARY": "1 passed"}
    assert account.store.run(f"shop-{project}:1").settings["branch"] == "main"
    assert any(key.startswith(f"runs/shop-{project}-1~") for key in account.files())


def test_failed_case_fails_the_build(account: Account, source: Path, shop: str) -> None:
    """Fails the build, which says so, and leaves the same behind."""
    account.modules(RIGHT, WRONG)
    done = account.build("TestOnChrome", "shop-TestOnChrome:2", source, WebURL=shop)
    assert done.code == 1, done.output
    assert done.output.splitlines()[-1].startswith("UITEST: a case failed")
    assert done.exported == {"UITEST_SUMMARY": f"1 passed, 1 failed: failed m/{WRONG} in chrome"}
    report = ElementTree.parse(source / ".uitest" / "junit.xml").getroot()  # noqa: S314  our own file
    assert [len(list(report.iter(kind))) for kind in ("testcase", "failure", "error")] == [2, 1, 0]
    assert WRONG in (source / ".uitest" / "run.html").read_text()
    assert any(key.startswith("artifacts/") and key.endswith("screenshot.png") for key in account.files())


def test_broken_run_fails_the_build_with_its_reason(account: Account, source: Path, shop: str) -> None:
    """Fails the build with another message: a browser that does not start says nothing about the site."""
    account.modules(RIGHT)
    done = account.build("TestOnChrome", "shop-TestOnChrome:3", source, WebURL=shop, UITEST_CHROMEDRIVER="/bin/false")
    assert done.code == 3, done.output
    assert done.output.splitlines()[-1].startswith("UITEST: the run broke (exit code 3), so it says nothing")


@pytest.mark.parametrize("browser", BROWSERS)
def test_matrix_build_has_one_engine(account: Account, source: Path, shop: str, browser: str) -> None:
    """Each build of the batch has one engine."""
    batch = buildspec("matrix.yml")["batch"]["build-matrix"]["dynamic"]["env"]["variables"]
    assert browser in batch["BROWSER"]
    account.modules(RIGHT)
    done = account.build("Matrix", f"shop-Matrix:{browser}", source, WebURL=shop, BROWSER=browser)
    passed(done, source, browser)


@pytest.mark.usefixtures("limited")
def test_fan_out_build_runs_cases_in_lambda(account: Account, source: Path, sample_site: str) -> None:
    """The build plans and watches, a container under Lambda's limits runs the case."""
    account.modules(SAMPLE)
    done = account.build("FanOut", "shop-FanOut:1", source, WebURL=sample_site)
    assert done.code == 0, done.output
    assert done.output.endswith("UITEST: green\n")
    [row] = account.store.jobs("shop-FanOut:1")
    assert row.attempts[-1].owner.startswith("lambda:")
    assert {"junit.xml", "run.html", "summary.md"} <= {path.name for path in (source / ".uitest").iterdir()}


def test_pull_request_build_runs_changed_cases_first(account: Account, tmp_path: Path) -> None:
    """Both of its engines against the site of its own checkout; the changed case file first."""
    pull_request(tmp_path)
    more = {"SITE_FOLDER": "site", "CODEBUILD_WEBHOOK_BASE_REF": "refs/heads/main"}
    done = account.build("PullRequest", "shop-PullRequest:1", tmp_path, **more)
    assert done.code == 0, done.output
    assert "changed case files first: cases/test_new.py\n" in done.output
    assert "Compared with main" in done.output or "no earlier finished run of main" in done.output
    assert done.output.endswith("UITEST: green\n")
    assert (tmp_path / ".uitest" / "site" / "index.html").exists()
