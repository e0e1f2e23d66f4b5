"""Which section of the configuration file ``uitest deploy`` gives to builds."""

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Call
from uitest.cli.commands.deploy import section
from uitest.config_file import read


@pytest.mark.parametrize(
    ("text", "previous", "expected"),
    [
        (None, "", ""),
        (None, "ci", "ci"),
        ("[ci]\nretries = 1\n", "", "ci"),
        ("[nightly]\nretries = 1\n", "ci", ""),
        ("retries = 1\n", "", ""),
    ],
)
def test_builds_get_the_section_of_the_file_or_of_the_last_deployment(
    text: str | None, previous: str, expected: str, tmp_path: Path
) -> None:
    """``ci`` where the file has it; without a file that of the last deployment."""
    if text is not None:
        (tmp_path / "uitest.toml").write_text(text)
    assert section(read(tmp_path), previous) == expected


def test_empty_variable_chooses_no_section(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As builds have it where the file has no such section."""
    (tmp_path / "uitest.toml").write_text("retries = 1\n[ci]\nretries = 2\n")
    monkeypatch.setenv("UITEST_SECTION", "")
    assert "1" in call("config")[1].split("retries")[1].split("\n")[0]
