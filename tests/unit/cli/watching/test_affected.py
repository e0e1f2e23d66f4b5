"""Which files of a project a change is about."""

import os
from pathlib import Path

import pytest

from uitest.cli.watching.affected import Project

FILES = {
    "pages/__init__.py": "",
    "pages/base.py": "",
    "pages/home.py": "from .base import Base\nimport json\n",
    "pages/cart.py": "from pages import base\n",
    "cases/conftest.py": "from pages.home import Home\n",
    "cases/test_home.py": "",
    "shop/conftest.py": "pytest_plugins = ['tools.fixtures']\n",
    "shop/test_cart.py": "def test_cart():\n    import pages.cart\n",
    "shop/test_data.py": "DATA = 'data/prices.json'\n",
    "tools/fixtures.py": "",
    "test_alone.py": "import pages\n",
    "broken.py": "def (\n",
    ".venv/lib/test_home.py": "import pages.home\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The project of these files."""
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Project(tmp_path)


def affected(project: Project, *names: str) -> set[str] | None:
    """Names of the files that depend on changed ones; None if all do."""
    effects = project.effects(project.root / name for name in names)
    if None in effects.values():
        return None
    return {str(path.relative_to(project.root)) for files in effects.values() for path in files or ()}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("test_alone.py", {"test_alone.py"}),
        ("pages/cart.py", {"pages/cart.py", "shop/test_cart.py"}),
        ("pages/home.py", {"pages/home.py", "cases/conftest.py", "cases/test_home.py"}),
        (
            "pages/base.py",
            {"pages/base.py", "pages/home.py", "pages/cart.py", "cases/conftest.py", "cases/test_home.py"}
            | {"shop/test_cart.py"},
        ),
        ("cases/conftest.py", {"cases/conftest.py", "cases/test_home.py"}),
        ("tools/fixtures.py", {"tools/fixtures.py", "shop/conftest.py", "shop/test_cart.py", "shop/test_data.py"}),
        ("data/prices.json", {"shop/test_data.py"}),
        ("broken.py", {"broken.py"}),
        ("other.txt", set()),
        ("pytest.ini", None),
        ("/elsewhere/test_x.py", set()),
    ],
)
def test_change_affects_what_imports_the_file(project: Project, changed: str, expected: set[str] | None) -> None:
    """The file, what imports it in whichever way, what is below a conftest file that does, and what names it."""
    assert affected(project, changed) == expected


def test_package_affects_what_imports_any_of_its_modules(project: Project) -> None:
    """Python runs it on the way to each of them."""
    files = affected(project, "pages/__init__.py")
    assert files is not None
    assert {"test_alone.py", "shop/test_cart.py", "cases/test_home.py"} <= files
    assert "shop/test_data.py" not in files


def test_file_is_read_again_when_it_has_changed(project: Project) -> None:
    """What it imports now counts, and what it imported before while it cannot be parsed."""
    alone, names = project.root / "test_alone.py", iter(("fixtures.py", "fixtures/__init__.py", "fixtures/x.py"))
    assert "test_alone.py" not in (affected(project, f"tools/{next(names)}") or ())
    alone.write_text("from tools.fixtures import x\n")
    assert "test_alone.py" in (affected(project, f"tools/{next(names)}") or ())
    alone.write_text("from tools.fixtures import (\n")
    assert "test_alone.py" in (affected(project, f"tools/{next(names)}") or ())


def test_change_that_is_told_twice_is_one(project: Project) -> None:
    """Until the file is another one."""
    alone = project.root / "test_alone.py"
    assert affected(project, "test_alone.py") == {"test_alone.py"}
    assert affected(project, "test_alone.py") == set()
    os.utime(alone, ns=(1, 1))
    assert affected(project, "test_alone.py") == {"test_alone.py"}
    alone.unlink()
    assert affected(project, "test_alone.py") == {"test_alone.py"}
    assert affected(project, "test_alone.py") == set()


@pytest.mark.parametrize(
    ("name", "watched"),
    [
        ("cases/test_home.py", True),
        ("data/prices.json", True),
        ("notes.txt", False),
        (".uitest/pytest/prices.json", False),
        ("venv/lib/x.py", False),
        ("cases/.#test_home.py", False),
    ],
)
def test_files_that_no_case_has_are_not_watched(project: Project, name: str, watched: bool) -> None:
    """Neither of the environment nor of tools; nor of another project."""
    assert (project.root / name in project.effects([project.root / name])) is watched
    assert not project.effects([Path("/elsewhere") / name])
