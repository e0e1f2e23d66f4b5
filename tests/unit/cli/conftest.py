"""The ``uitest`` command in this process, in a project of its own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from uitest.cli import main
from uitest.model import Module
from uitest.reporting.web_server import SiteServer
from uitest.storage.stores.sqlite import SqliteStore

ALIASES = ("BROWSER", "WebURL", "MODULES", "ModuleTable", "StatusTable", "ArtifactBucket")

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A project of its own, and none of the settings of whoever runs these tests."""
    before = dict(os.environ)
    for name in before:
        if name.startswith(("UITEST_", "AWS_", "CODEBUILD_")) or name in ALIASES:
            del os.environ[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases").mkdir()
    os.environ["UITEST_OFFLINE"] = "1"
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Call:
    """The command in this process: exit code, standard output, standard error."""

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        code = ended.value.code
        assert isinstance(code, int)
        return code, out, err

    return call


def one_line(answer: tuple[int, str, str], *parts: str, code: int = 2) -> None:
    """The answer to a mistake."""
    assert (answer[0], answer[1]) == (code, "")
    lines = answer[2].splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("uitest: ")
    for part in parts:
        assert part in lines[0]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """The default store, with two modules."""
    store = SqliteStore(tmp_path / ".uitest" / "uitest.db")
    store.put_modules([Module("m1", ("tc1", "tc2")), Module("m2", ("tc1",), browsers=("firefox",))])
    yield store
    store.close()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site that answers."""
    with SiteServer(tmp_path_factory.mktemp("site")) as server:
        yield server.url
