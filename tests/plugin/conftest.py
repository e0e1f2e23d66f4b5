"""A project in a folder of its own, pages to visit, and the processes that a session started."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.plugin.pages import Pages, serve

CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
"""Read before pytester gives each test a home of its own: a driver that was fetched once is kept there."""

PROJECTS = Path(__file__).parent / "projects"

Run = Callable[..., pytest.RunResult]


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The pages, served."""
    with serve(tmp_path_factory.mktemp("pages")) as found:
        yield found


@pytest.fixture(autouse=True)
def _plain_environment(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, pages: Pages) -> None:
    for name in [name for name in os.environ if name.startswith("UITEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE)
    monkeypatch.setenv("TZ", "UTC")
    for name, value in pages.environ.items():
        monkeypatch.setenv(name, value)
    # Warnings are errors inside as well: what we leave open or use of old names would be seen there.
    pytester.makeini("[pytest]\naddopts = -ra --strict-markers -p no:cacheprovider\nfilterwarnings = error\n")


@pytest.fixture
def project(pytester: pytest.Pytester) -> Callable[[str], None]:
    """Make a file of ``projects`` the test file of the project."""

    def copy(name: str) -> None:
        (pytester.path / f"test_{name}.py").write_text((PROJECTS / f"{name}.py").read_text())

    return copy


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Run pytest in a process of its own; what it printed is shown when the test fails."""
    return pytester.runpytest_subprocess
