"""The reminder for suites that rely on destructive tests being skipped."""

from pathlib import Path

import pytest

from uitest.cli.checks.destructive_tests import reminder

MARKED = "import pytest\n@pytest.mark.nondestructive\ndef test_it(): pass\n"


@pytest.mark.parametrize(
    ("files", "environ", "reminds"),
    [
        ({}, {}, False),
        ({"cases/test_it.py": "def test_nondestructive(): pass"}, {}, False),
        ({"cases/test_it.py": MARKED}, {}, True),
        ({"cases/shop/test_it.py": MARKED, "pytest.ini": "[pytest]\n# sensitive_url = x"}, {}, True),
        ({"cases/test_it.py": MARKED, "pytest.ini": "[pytest]\nsensitive_url = x"}, {}, False),
        ({"cases/test_it.py": MARKED, "setup.cfg": "[tool:pytest]\naddopts = --sensitive-url x"}, {}, False),
        ({"cases/test_it.py": MARKED, "cases/conftest.py": "def sensitive_url(): pass"}, {}, False),
        ({"cases/test_it.py": MARKED}, {"SENSITIVE_URL": "x"}, False),
        ({"cases/test_it.py": MARKED}, {"SENSITIVE_URL": ""}, True),
        ({"cases/test_it.py": MARKED}, {"PYTEST_ADDOPTS": "--sensitive-url=x"}, False),
    ],
)
def test_reminds_where_the_mark_is_used_and_no_address_is_sensitive(
    tmp_path: Path, files: dict[str, str], environ: dict[str, str], reminds: bool
) -> None:
    """Wherever the pattern may be set, and not for a comment about it."""
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert (reminder(tmp_path / "cases", environ) is not None) == reminds
