"""The image as CodeBuild and everybody else use it: what is in it, and the sample cases in every engine."""

import json
import re
import time
from pathlib import Path
from xml.etree import ElementTree

from tests.containers.conftest import Tell
from tests.support.builds.containers import PROBE, ROOT, Engine, settings
from uitest.model import BROWSERS

DOCKERFILE = ROOT / "lambda_runner" / "Dockerfile"
EVERYWHERE = ",".join(BROWSERS)

INSTALLED = """
from importlib.metadata import distributions
for found in distributions(): print(f"{found.name}=={found.version}")
"""


def test_image_runs_as_a_user_with_pinned_packages(built: str, engine: Engine, tell: Tell) -> None:
    """By default not as root; every Python package is the pinned one; browsers and drivers are told by doctor."""
    tell(built)
    assert engine.call("image", "inspect", "--format", "{{.Config.User}}", "uitest").strip() == "993:990"
    pinned = set((ROOT / "constraints.txt").read_text().lower().split())
    installed = set(engine.run("python", "-c", INSTALLED).lower().split())
    assert {name for name in installed - pinned if not name.startswith("uitest-fanout==")} == set()
    result = engine.run("uitest", "doctor", "--browser", EVERYWHERE)
    tell("\n".join(line.rstrip() for line in result.splitlines()))
    assert result.count(" ready ") == len(BROWSERS)
    for browser, version in re.findall(
        r"^ARG (CHROME|FIREFOX|WEBKIT)=([\d.]+)\*$", DOCKERFILE.read_text(), re.MULTILINE
    ):
        assert re.search(rf"^ *{browser.lower()} +ready +{re.escape(version)}", result, re.MULTILINE), browser


def test_image_holds_what_browsers_keep_between_starts(engine: Engine) -> None:
    """What chromedriver and Firefox let be kept is in the image, for anybody to read."""
    look = "cd $UITEST_CACHE && find . -type f -size +0 -readable"
    files = engine.run("sh", "-c", look, options=("--user", "4321:4321")).split()
    assert any(re.fullmatch(r"\./chromedriver-.*\.json", name) for name in files), files
    assert any(re.fullmatch(r"\./firefox-\d+/startupCache/scriptCache\.bin", name) for name in files), files


def test_only_root_may_change_the_image(engine: Engine) -> None:
    """Program, cases and everything beside them are root's, and only root could change them."""
    result = json.loads(engine.run("python", "-c", PROBE.read_text()))
    assert result["users"] == [993]
    assert result["writable"] == []


def test_image_without_a_command_prints_help(engine: Engine) -> None:
    """Says what uitest can do."""
    assert "Usage: uitest" in engine.run()


def test_cases_pass_as_root(engine: Engine, sample_site: str, tmp_path: Path, tell: Tell) -> None:
    """As in CodeBuild, with its own name for the run: the cases pass in all three engines."""
    environ = {"CODEBUILD_BUILD_ID": "uitest:1", "BROWSER": EVERYWHERE, "WebURL": sample_site}
    began = time.monotonic()
    _run(engine, tmp_path, "--user", "0:0", *settings(environ))
    duration = time.monotonic() - began
    cases = list(ElementTree.parse(tmp_path / "junit.xml").iter("testcase"))  # noqa: S314  our own file
    tell(f"as root: {len(cases)} cases passed in {duration:.0f} s")
    assert len(cases) % len(BROWSERS) == 0
    assert "uitest:1" in (tmp_path / "index.html").read_text()


def test_cases_pass_as_an_unknown_user(engine: Engine, sample_site: str, tmp_path: Path) -> None:
    """As a user that the image has never heard of, who can write to one folder outside."""
    tmp_path.chmod(0o777)
    _run(engine, tmp_path, "--user", "4321:4321", *settings({"WebURL": sample_site, "MODULES": "mod1"}))
    created = {path.name: path.stat().st_uid for path in tmp_path.iterdir()}
    assert {created["index.html"], created["junit.xml"]} == {4321}


def _run(engine: Engine, results: Path, *options: str) -> None:
    """A run that ends green and leaves pages and JUnit file in a folder outside."""
    arguments = ("uitest", "run", "--retries", "1", "--junit", ".uitest/site/junit.xml")
    engine.run(*arguments, options=(*options, "--volume", f"{results}:/work/.uitest/site"))
