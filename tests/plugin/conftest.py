"""A project in a folder of its own, pages to visit, and the processes that a session started."""

import contextlib
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.plugin.pages import Pages, serve
from tests.support.inner_pytest import FEW_PLUGINS

CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
"""Read before pytester gives each test a home of its own: a driver that was fetched once is kept there."""

PROJECTS = Path(__file__).parent / "projects"

Run = Callable[..., pytest.RunResult]


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The pages, served."""
    with serve(tmp_path_factory.mktemp("pages")) as pages:
        yield pages


@pytest.fixture(autouse=True)
def _plain_environment(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, pages: Pages) -> None:
    for name in [name for name in os.environ if name.startswith("UITEST_")]:
        monkeypatch.delenv(name)
    # In the environment, since tests have configuration files of their own.
    monkeypatch.setenv("PYTEST_ADDOPTS", FEW_PLUGINS)
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE)
    for name, value in pages.environ.items():
        monkeypatch.setenv(name, value)
    # Warnings are errors inside as well: what we leave open or use of old names would be seen there.
    pytester.makeini(
        "[pytest]\naddopts = -ra --strict-markers -p no:cacheprovider\n"
        "filterwarnings =\n    error\n"
        "    ignore:Module already imported:pytest.PytestAssertRewriteWarning\n"  # in this very process it is
    )


@pytest.fixture
def project(pytester: pytest.Pytester) -> Callable[[str], None]:
    """Make a file of ``projects`` the test file of the project."""

    def copy(name: str) -> None:
        (pytester.path / f"test_{name}.py").write_text((PROJECTS / f"{name}.py").read_text())

    return copy


@dataclass(frozen=True)
class Session:
    """What a pytest process and everything it starts are known by."""

    mark: str
    """A variable in the environment of each of its processes."""
    scratch: Path
    """Their folder for temporary files."""

    def processes(self) -> list[str]:
        """Command lines of its processes that are alive."""
        lines = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if folder.name != str(os.getpid()) and self.mark.encode() in (folder / "environ").read_bytes():
                    lines.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return lines

    def left(self) -> list[str]:
        """Processes and folders of ours that are still there; what is dying is given time to.

        The folder with the sockets of kept browsers stays.
        """
        for _ in range(200):
            folders = [path.name for path in self.scratch.glob("uitest-*") if not path.match("uitest-browsers*")]
            remains = self.processes() + folders
            if not remains:
                break
            time.sleep(0.05)
        return remains


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """The session that pytest processes of this test belong to."""
    # Not in tmp_path: Chrome puts a socket there, and the path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="session-") as scratch:
        session = Session(f"SESSION_MARK={uuid.uuid4().hex}", Path(scratch))
        monkeypatch.setenv(*session.mark.split("="))
        monkeypatch.setenv("TMPDIR", scratch)
        yield session


@pytest.fixture
def run(pytester: pytest.Pytester, session: Session) -> Run:
    """Run pytest in a process of its own, which must leave no process and no folder behind."""

    def run_it(*args: str) -> pytest.RunResult:
        result = pytester.runpytest_subprocess(*args)
        assert session.left() == []
        return result

    return run_it


@pytest.fixture
def no_early_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions in this process start no browser ahead of a test that never asks for it: browsers of a grid are not."""
    monkeypatch.setenv("UITEST_GRID", "http://127.0.0.1:9")
