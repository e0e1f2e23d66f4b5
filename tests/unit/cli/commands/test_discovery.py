"""Modules that are discovered in the case files, where the module table is empty."""

import os
from pathlib import Path

import pytest

from tests.support.aws.servers import FAKE_AWS
from tests.unit.cli.conftest import Call, one_line
from uitest.model import Module
from uitest.storage.stores.sqlite import SqliteStore

FILES = {
    "test_page.py": """
        import pytest, unittest
        def test_plain(): pass
        @pytest.mark.module("checkout")
        def test_marked(driver): pass
        @pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.module("two"))])
        def test_number(driver, n): pass
        @pytest.mark.module("checkout")
        class TestCart:
            @pytest.mark.case("tc9")
            def test_in_class(self): pass
        class Old(unittest.TestCase):
            def test_method(self): pass
        @pytest.mark.slow
        def test_left_out(): pass
    """,
    "members/test_page.py": "def test_plain(): pass",
    "members/test_other.py": "import pytest\npytestmark = pytest.mark.module('checkout')\ndef test_file(): pass",
    "test_skips.py": "import pytest\npytest.skip('not here', allow_module_level=True)",
}

MODULES = [
    Module("checkout", ("test_other::test_file", "test_page::test_marked", "tc9")),
    Module("members/test_page", ("members/test_page::test_plain",)),
    Module("test_page", ("test_page::test_plain", "test_page::test_number[1]", "test_page::Old::test_method")),
    Module("two", ("test_page::test_number[2]",)),
]


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Case files in two folders, with two of one name, marks and a test that the project's configuration leaves out."""
    for name, text in FILES.items():
        path = tmp_path / "cases" / name
        path.parent.mkdir(exist_ok=True)
        lines = text.splitlines()
        path.write_text("\n".join(line.removeprefix(" " * 8) for line in lines) + "\n")
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\naddopts = --import-mode=importlib -m 'not slow'\nmarkers = slow: left out\n"
    )
    return tmp_path / "cases"


def test_each_file_and_each_mark_is_a_module(call: Call, suite: Path) -> None:
    """Names are stable, unique, and the same in several browsers; sync makes the table equal to them."""
    os.environ["UITEST_BROWSER"] = "chrome,firefox"
    store = SqliteStore(Path(".uitest/uitest.db"))
    store.put_modules([Module("old", ("tc1",))])
    code, out, _ = call("modules", "sync", "--discover")
    assert (code, out) == (0, "4 modules are as discovered in cases; removed 1\n")
    assert store.modules() == MODULES
    store.close()
    one_line(call("modules", "sync", "modules.json", "--discover"), "'modules.json'", "--discover", "leave out one")


def test_empty_table_runs_what_is_discovered(call: Call, suite: Path) -> None:
    """Said in one line; names select among the discovered modules; a table with any module is as it was."""
    code, out, err = call("run", "--dry-run")
    assert code == 0
    assert "Discovered 4 modules with 8 cases in cases (the module table is empty)" in err.splitlines()
    assert out.splitlines()[0].strip() == "8 jobs; nothing was run"
    code, out, _ = call("run", "--dry-run", "members/test_page", "two")
    assert "2 jobs; nothing was run" in out
    code, _, err = call("run", "--dry-run", "nope")
    assert code == 2
    assert "unknown module 'nope'; known are 'checkout', 'members/test_page', 'test_page', 'two'" in err
    store = SqliteStore(Path(".uitest/uitest.db"))
    store.put_modules([Module("one", ("tc9",))])
    store.close()
    out = call("run", "--dry-run")[1]
    assert out.startswith("1 job; nothing was run")


def test_reason_for_an_empty_discovery_is_told(call: Call, tmp_path: Path) -> None:
    """Each reason is told, and what to do."""
    one_line(call("run", "--dry-run"), "pytest finds no test in 'cases'", "--cases DIR")
    os.environ |= {**FAKE_AWS, "UITEST_CASES": "elsewhere"}
    one_line(call("modules", "sync", "--discover"), "'elsewhere' does not exist", "--cases DIR")
    words = ("--executor", "lambda", "--store", "sqlite:x", "--artifacts", "s3://a", "--site", "s3://a")
    one_line(call("run", *words), "cannot reach the store")
    (tmp_path / "cases" / "test_it.py").write_text("import nothing_of_that_name\n")
    del os.environ["UITEST_CASES"]
    one_line(call("run", "--dry-run"), "test_it.py cannot be collected", "nothing_of_that_name")


@pytest.mark.parametrize("mark", ["module", "module(3)", "module('')", "module('a', 'b')"])
def test_mark_without_a_name(call: Call, tmp_path: Path, mark: str) -> None:
    """It names the test, in the run and not in plain pytest."""
    (tmp_path / "cases" / "test_it.py").write_text(f"import pytest\n@pytest.mark.{mark}\ndef test_a(): pass\n")
    one_line(call("run", "--dry-run"), "test_it.py::test_a", '@pytest.mark.module("checkout")')
