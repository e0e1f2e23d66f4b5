"""The repository of the image: what cases find in an invocation, and what is left of their changes."""

import json
from pathlib import Path

import pytest

from tests.lambda_runner.conftest import Function

CASE = """
from pathlib import Path
from pages.shop import NAME
from uitest.plugin import options

def test_it(pytestconfig, seeded):
    assert NAME == "page object"
    assert Path("data/users.txt").read_text() == "ada"
    assert pytestconfig.rootpath == Path.cwd() != Path("REPOSITORY")
    assert pytestconfig.getini("xfail_strict") is True
    assert seeded == "by the conftest of the root"
    assert options.value(pytestconfig, "locale") == "sv-SE"
    Path("data/users.txt").write_text("changed")
    Path("report.html").write_text("new")
"""


def make_repository(root: Path) -> dict[str, str]:
    """A repository whose cases need what is beside their folder; returns its files by path."""
    files = {
        "pytest.ini": "[pytest]\nxfail_strict = true\nfilterwarnings = error\n"
        "addopts = -p no:xdist --strict-markers --strict-config -x --lf --junitxml=reports/all.xml\n",
        "conftest.py": "import pytest\n@pytest.fixture\ndef seeded(): return 'by the conftest of the root'\n",
        "uitest.toml": 'locale = "de-DE"\n[nightly]\nlocale = "sv-SE"\n',
        "pages/shop.py": "NAME = 'page object'\n",
        "data/users.txt": "ada",
        "tests/ui/test_it.py": CASE.replace("REPOSITORY", str(root)),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return files


@pytest.mark.slow
def test_each_invocation_works_in_a_copy_of_the_repository(function: Function) -> None:
    """With everything beside the cases, and the section of the run; the next invocation sees no changes."""
    root = function.folder / "repository"
    files = make_repository(root)
    environment = function.start(UITEST_PROJECT=str(root), UITEST_CASES=str(root / "tests" / "ui"))
    for run in ("first", "second"):
        event = json.loads(function.event(function.plan("test_it", run=run), run=run))
        answer = function.answer(environment, json.dumps({**event, "options": {"section": "nightly"}}).encode())
        assert [attempt["verdict"] for attempt in answer["attempts"]] == ["passed"], function.rows(run)
        assert (answer["children"], answer["files"]) == (0, 0)
    discovered = function.answer(environment, json.dumps({"uitest": 1, "step": "discover"}).encode())
    assert discovered["modules"] == {"test_it": ["test_it::test_it"]}
    assert {name: (root / name).read_text() for name in files} == files
    assert not (root / "report.html").exists()


def test_repository_that_cannot_be_copied_is_named(function: Function) -> None:
    """As where a variable of the function is wrong."""
    answer = function.answer(function.start(UITEST_PROJECT="/nowhere"), function.event(function.plan("test_it")))
    assert "the repository in /nowhere (UITEST_PROJECT) cannot be copied" in answer["error"]
