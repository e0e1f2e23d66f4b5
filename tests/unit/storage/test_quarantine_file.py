"""What a quarantine file says, and what is said about one that is wrong."""

from pathlib import Path

import pytest

from uitest.errors import UsageError
from uitest.quarantine import Quarantine
from uitest.storage.quarantine_file import read_quarantine

ROW = '[[quarantine]]\ncase = "c"\nuntil = 2026-12-31\n'


def test_every_key_is_read(tmp_path: Path) -> None:
    """Dates are written as TOML has them or as text, browsers as one name or a list; a missing file has no rows."""
    path = tmp_path / "quarantine.toml"
    assert read_quarantine(path) == {}
    path.write_text(
        '[[quarantine]]\ncase = "c"\nerror = "e"\nbrowser = "webkit"\nowner = "@me"\nreason = "r"\n'
        'link = "https://x.example/"\nuntil = 2026-12-31\n'
        '[[quarantine]]\nerror = "e"\nbrowser = ["chrome", "firefox"]\nuntil = "2027-01-02"\n'
    )
    assert read_quarantine(path) == {
        f"{path}:1": Quarantine("2026-12-31", "c", "e", ("webkit",), "@me", "r", "https://x.example/"),
        f"{path}:9": Quarantine("2027-01-02", error="e", browsers=("chrome", "firefox")),
    }
    path.write_text("")
    assert read_quarantine(path) == {}


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        (
            f'{ROW}[[quarantine]]\ncase = "d"\nuntill = 2026-12-31\n',
            ":4",
            "unknown key 'untill' (did you mean 'until'?)",
        ),
        ('# c\n[[quarantine]]\ncase = "c"\n', ":2", "until is missing"),
        ("[[quarantine]]\nuntil = 2026-12-31\n", ":1", "neither case nor error"),
        ('[[quarantine]]\ncase = "*"\nuntil = 2026-12-31\n', ":1", "* alone is too broad"),
        (f"{ROW}browser = []\n", ":1", "browser is an empty list"),
        (f'{ROW}owner = ""\n', ":1", "an owner must not be empty"),
        (f"{ROW}# again\n{ROW}", ":5", "c is quarantined by the row at"),
        ("quarantine = 3\n", "", "quarantine is 3; each row stands under a heading [[quarantine]]"),
        ('[[quarantine]]\ncase = "c"\nuntil = "soon"\n', ":1", "until is 'soon'; expected a date such as 2026-12-31"),
        ('[[quarantine]]\ncase = "c"\nuntil = "2026-02-30"\n', ":1", "until is '2026-02-30'"),
        ('[[quarantine]]\ncase = "c"\nuntil = 2026-12-31T10:00:00Z\n', ":1", "without a time"),
        ('[[quarantine]]\ncase = "c"\nuntil = 20261231\n', ":1", "until is 20261231"),
        (f'{ROW}browser = "safari"\n', ":1", "unknown browser 'safari'; choose from chrome, firefox, webkit"),
        (f"{ROW}browser = [1]\n", ":1", "browser is [1]"),
        (f"{ROW}owner = 7\n", ":1", "owner is 7; expected a text"),
        (f'{ROW}reason = "a\\nb"\n', ":1", "unprintable"),
        (f'{ROW}link = ""\n', ":1", "a link must not be empty"),
        ('quarantine = [{case = "c"}, {case = "d"}]\n', ": row 1", "until is missing"),
        ("quarantine = [1]\n", ": row 1", "1 is not a row"),
        ('[quarantine]\ncase = "c"\n', "", "two brackets"),
        ('[[quarantined]]\ncase = "c"\n', "", "unknown 'quarantined' (did you mean 'quarantine'?)"),
        ("[[quarantine\n", "", "this is not TOML"),
    ],
)
def test_mistake_is_one_line_with_its_place(tmp_path: Path, text: str, line: str, expected: str) -> None:
    """The file, the line of the row, what is wrong, and what is meant."""
    path = tmp_path / "quarantine.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_quarantine(path)
    message = str(caught.value)
    assert message.startswith(f"{path}{line}: ")
    assert expected in message
    assert "\n" not in message


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A folder of its name, a link to nothing, and bytes that are no text."""
    path = tmp_path / "quarantine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="is not UTF-8"):
        read_quarantine(path)
    path.unlink()
    path.symlink_to("gone.toml")
    with pytest.raises(UsageError, match=r"is a link to gone\.toml, which does not exist"):
        read_quarantine(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        read_quarantine(path)
