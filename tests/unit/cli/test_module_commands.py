"""``uitest modules``."""

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Call, one_line
from uitest.storage.stores.sqlite import SqliteStore


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[{"module": "m1",', [":1:", "not JSON"]),
        ("[]", ["no modules found"]),
        ('{"m1": "tc1"}', ["list of strings"]),
        ('{"m1": ["tc1"], "m1": ["tc2"]}', ["already"]),
        ('[{"module": "m1", "testcases": ["a"], "browsers": ["opera"]}]', ["'opera'"]),
        ('[{"module": "m1", "testcases": ["a"], "timeout": -1}]', ["timeout"]),
    ],
)
def test_bad_modules_file_changes_nothing(
    call: Call, store: SqliteStore, tmp_path: Path, text: str, parts: list[str]
) -> None:
    """A file with a mistake changes nothing in the table."""
    (tmp_path / "m.json").write_text(text)
    before = store.modules()
    one_line(call("modules", "load", "m.json"), "m.json", *parts)
    assert store.modules() == before


def test_modules_are_loaded_listed_and_shown(call: Call, tmp_path: Path) -> None:
    """Modules can be loaded, listed and shown."""
    assert call("modules", "list")[:2] == (
        0,
        "The module table is empty, so that uitest run runs every case; fill it with: uitest modules load FILE, "
        "or uitest modules sync --discover\n",
    )
    (tmp_path / "m.json").write_text('[{"module": "m [x]", "testcases": ["tc1", "tc2"], "tags": ["smoke"]}]')
    assert call("modules", "load", "m.json")[1] == "Loaded 1 module with 2 cases from m.json\n"
    listed = call("modules", "list")[1]
    assert "m [x]" in listed
    assert "smoke" in listed
    assert call("modules", "show", "m [x]")[1] == "tc1\ntc2\n"
    one_line(call("modules", "show", "y"), "unknown module 'y'", "'m [x]'")
    one_line(call("modules", "load", "none.json"), "none.json")


def test_modules_sync_and_dry_run(call: Call, tmp_path: Path) -> None:
    """The table becomes what the file says, if every case exists; a plan can be looked at without running it."""
    (tmp_path / "cases" / "test_it.py").write_text("def test_a(): pass\ndef test_b(): pass\n")
    file = tmp_path / "cases" / "modules.json"
    file.write_text('{"m": ["test_it::test_a", "nope"]}')
    one_line(call("modules", "sync"), "'nope' (module 'm')")
    assert "empty" in call("modules", "list")[1]
    file.write_text('{"m": ["test_it::test_a"]}')
    code, out, _ = call("modules", "sync")
    assert code == 0
    assert "In no module: test_it::test_b" in out
    code, out, _ = call("run", "--dry-run", "--browser", "chrome,firefox")
    assert (code, out.count("test_it::test_a")) == (0, 2)
