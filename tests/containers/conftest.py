"""The image, built once, and whether there is an engine to build it with; ``make test-image`` looks for one."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.builds.containers import LAMBDA, ROOT, Engine, emulator
from uitest.reporting.web_server import SiteServer

CANNOT_BEGIN = 69
"""Exit code of ``tools/image.sh`` where neither engine nor base image can be had."""

Tell = Callable[[str], None]


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Shows a figure, whatever becomes of the test."""

    def show(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}")

    return show


@pytest.fixture(scope="session")
def built() -> str:
    """What ``tools/image.sh`` says of the image, which it has built."""
    reason = os.environ.get("NO_ENGINE")
    if reason:
        pytest.skip(f"NO CONTAINER ENGINE, so nothing is known about the image: {reason}")
    if "DOCKER" not in os.environ:
        pytest.skip("NOT RUN: tests of the container image; they are run by: make test-image")
    result = subprocess.run([ROOT / "tools" / "image.sh"], stderr=subprocess.PIPE, text=True, timeout=1800)
    output = result.stderr.strip()
    if result.returncode == CANNOT_BEGIN:
        pytest.skip(f"NO CONTAINER IMAGE CAN BE BUILT HERE, so nothing is known about it: {output}")
    assert result.returncode == 0, output
    return output.splitlines()[-1]


@pytest.fixture(scope="session")
def engine(built: str) -> Engine:
    """It has the image."""
    return Engine(os.environ["DOCKER"])


@pytest.fixture(scope="session")
def limited(engine: Engine) -> None:
    """Lambda's limits can be set."""
    arguments = [engine.docker, "run", "--rm", "--network", "host", *LAMBDA, "uitest", "true"]
    tried = subprocess.run(arguments, capture_output=True, text=True, timeout=120)
    if tried.returncode:
        pytest.skip(f"THE ENGINE CANNOT SET LAMBDA'S LIMITS, so nothing is known of them: {tried.stderr.strip()}")


@pytest.fixture(scope="session")
def rie(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """AWS's runtime interface emulator."""
    return emulator(tmp_path_factory.mktemp("rie"))


@pytest.fixture(scope="session")
def sample_site() -> Iterator[str]:
    """Address of the site that the image's cases visit."""
    with SiteServer(ROOT / "cases" / "site") as site:
        yield site.url
