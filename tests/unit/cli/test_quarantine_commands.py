"""``uitest quarantine``: rows of the store, and what is said about all rows."""

import json
import time
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Call, one_line
from tests.unit.cli.stored_runs import make_run
from uitest.model import Module, Verdict
from uitest.quarantine import Quarantine
from uitest.reporting.site.quarantined import RELEASE_AFTER
from uitest.storage.stores.sqlite import SqliteStore

DAY = "9999-12-31"


def test_row_is_added_replaced_listed_and_released(call: Call, store: SqliteStore) -> None:
    """By its case or by the name that the list shows; a row about the same takes the place of the first."""
    words = ("quarantine", "add", "tc1", "--browser", "chrome,webkit", "--error", "no [basket]", "--owner", "@me")
    code, out, _ = call(*words, "--until", "9998-01-01")
    assert code == 0
    (row,) = store.quarantine()
    assert out == f"Quarantined tc1 with error 'no [basket]' in chrome, webkit until 9998-01-01, @me (row {row.id})\n"
    out = call(*words, "--until", DAY, "--reason", "slow", "--link", "https://x.example/7")[1]
    assert out.splitlines()[1:] == [f"replaced row {row.id} (until 9998-01-01, @me)"]
    full = Quarantine(DAY, "tc1", "no [basket]", ("chrome", "webkit"), "@me", "slow", "https://x.example/7")
    assert store.quarantine() == [full]
    assert call("quarantine", "add", "--error", "502 *", "--owner", "@you", "--until", DAY)[0] == 0
    listed = call("quarantine", "list")[1]
    assert row.id in listed
    assert "[basket]" in listed
    assert "…" not in listed
    assert listed.endswith("2 rows\n")
    assert {entry["owner"]: entry["source"] for entry in json.loads(call("quarantine", "list", "--json")[1])} == {
        "@me": "store", "@you": "store",
    }  # fmt: skip
    one_line(call("quarantine", "release", row.id, "nope"), "no row 'nope'", "quarantine list")
    assert len(store.quarantine()) == 2
    assert call("quarantine", "release", "tc1")[1] == f"Released {full.subject} (row {row.id} of the store)\n"
    assert [left.error for left in store.quarantine()] == ["502 *"]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["tc1", "--until", "soon"], ["until is 'soon'", "2026-12-31"]),
        (["tc1", "--until", "2020-01-01"], ["--until is 2020-01-01, which is over"]),
        (["--until", DAY], ["neither case nor error"]),
        (["*", "--until", DAY], ["* alone is too broad"]),
        (["tc1", "--until", DAY, "--owner", ""], ["an owner must not be empty"]),
        (["tc1", "--until", DAY, "--browser", "safari"], ["unknown browser 'safari'"]),
        (["tc1", "--until", DAY], ["nobody owns tc1", "--owner"]),
        (["tc9", "--until", DAY, "--owner", "@me"], ["no case 'tc9' in 'cases'"]),
        (["tc1", "--until", DAY, "--owner", "a\nb"], ["unprintable"]),
    ],
)
def test_row_with_a_mistake_is_not_written(call: Call, store: SqliteStore, words: list[str], parts: list[str]) -> None:
    """One line says what is wrong."""
    one_line(call("quarantine", "add", *words), *parts)
    assert store.quarantine() == []


def test_owner_is_that_of_the_module_or_of_the_file(call: Call, store: SqliteStore, tmp_path: Path) -> None:
    """A tag of the module, else CODEOWNERS at the root of the repository."""
    store.put_modules([Module("m1", ("tc1",), tags=("owner:@shop",))])
    call("quarantine", "add", "tc1", "--until", DAY)
    (tmp_path / ".git").mkdir()
    (tmp_path / "cases" / "test_it.py").write_text("def test_a(): pass\n")
    (tmp_path / "CODEOWNERS").write_text("/cases/ @everybody\n")
    call("quarantine", "add", "test_it::test_a", "--until", DAY)
    assert {row.case: row.owner for row in store.quarantine()} == {"tc1": "@shop", "test_it::test_a": "@everybody"}


def test_check_fails_for_rows_that_are_over_or_nobodys(call: Call, store: SqliteStore, tmp_path: Path) -> None:
    """Of the file and of the store, each a line; a mistake in the file is wrong use."""
    assert call("quarantine", "check") == (0, "0 rows, 0 to mend\n", "")
    file = tmp_path / "quarantine.toml"
    file.write_text(f'[[quarantine]]\ncase = "tc2"\nuntil = {DAY}\n')
    store.put_quarantine(
        [Quarantine("2020-01-01", case="tc1", owner="@me"), Quarantine(DAY, case="tc1", error="e", owner="@me")]
    )
    code, out, _ = call("quarantine", "check")
    assert (code, out.splitlines()) == (
        1,
        [
            "quarantine.toml:1: tc2: nobody owns it; name an owner in the row, its module or CODEOWNERS",
            "store: tc1: its last day was 2020-01-01; mend the case, or give a new day",
            "3 rows, 2 to mend",
        ],
    )
    one_line(call("quarantine", "release", "tc2"), "is in quarantine.toml; delete it there")
    file.write_text('[[quarantine]]\ncase = "tc2"\n')
    one_line(call("quarantine", "check"), "quarantine.toml:1: until is missing")


def test_list_tells_what_can_be_released(call: Call, store: SqliteStore) -> None:
    """Passes in a row in the newest runs, whichever of its jobs has the fewest; an error alone has none."""
    store.put_quarantine([Quarantine(DAY, case="tc1"), Quarantine(DAY, case="tc*"), Quarantine(DAY, error="e")])
    now = time.time()
    for number in range(RELEASE_AFTER):
        verdicts = (Verdict.PASSED, Verdict.FAILED if number == 0 else Verdict.PASSED)
        make_run(store, f"r{number}", verdicts, started_at=now + number)
    passes = {(row["case"], row["error"]): row["passes"] for row in json.loads(call("quarantine", "list", "--json")[1])}
    assert passes == {("tc1", ""): RELEASE_AFTER, ("tc*", ""): RELEASE_AFTER - 1, ("", "e"): None}
    store.put_quarantine([Quarantine(DAY, case="tc1", owner="@me")])
    assert "release it" in call("quarantine", "list")[1].replace("\n", " ")


def test_row_without_a_case_is_named(call: Call, store: SqliteStore, tmp_path: Path) -> None:
    """Check fails and list tells; a pattern and a case that only the folder has are in order."""
    (tmp_path / "cases" / "test_it.py").write_text("def test_a(): pass\n")
    rows = [f'[[quarantine]]\ncase = "{case}"\nowner = "@me"\nuntil = {DAY}\n' for case in ("tc*", "test_it::test_a")]
    (tmp_path / "quarantine.toml").write_text("".join(rows))
    assert call("quarantine", "check") == (0, "2 rows, 0 to mend\n", "")
    store.put_quarantine([Quarantine(DAY, case="gone*", owner="@me")])
    (tmp_path / "quarantine.toml").write_text("\n" + rows[1].replace("test_a", "typo"))
    code, out, _ = call("quarantine", "check")
    problem = "no case has this id; correct it (uitest run --dry-run shows the ids), or remove the row"
    assert (code, out.splitlines()) == (
        1,
        [f"quarantine.toml:2: test_it::typo: {problem}", f"store: gone*: {problem}", "2 rows, 2 to mend"],
    )
    assert [row["has_case"] for row in json.loads(call("quarantine", "list", "--json")[1])] == [False, False]


def test_list_is_whole_on_a_narrow_terminal(
    call: Call, store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dates and places are not broken; of two rows with one name, each says where it is."""
    monkeypatch.setenv("COLUMNS", "80")
    stored = Quarantine("2020-01-01", case="tc1", owner="@shop/payments", reason="the new provider is slow")
    store.put_quarantine([stored])
    (tmp_path / "quarantine.toml").write_text(f'[[quarantine]]\ncase = "tc1"\nowner = "@me"\nuntil = {DAY}\n')
    out = call("quarantine", "list")[1]
    assert out.count(stored.id) == 2
    for whole in ("│ quarantine.toml:1 │", "│ store ", DAY, "│ 2020-01-01 │"):
        assert whole in out
    assert out.count("2020-01-01") == 2
    out = call("quarantine", "release", stored.id)[1]
    assert out == (f"Released tc1 (row {stored.id} of the store); quarantine.toml:1 still has a row about the same\n")


def test_commands_that_read_create_no_store(call: Call, tmp_path: Path) -> None:
    """In an empty folder there are no rows, and afterwards there is no file."""
    assert call("quarantine", "list")[:2] == (0, "0 rows\n")
    assert call("quarantine", "check")[:2] == (0, "0 rows, 0 to mend\n")
    assert not (tmp_path / ".uitest").exists()
