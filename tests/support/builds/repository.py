"""A repository with a pull request in it."""

import json
import subprocess
from pathlib import Path

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com")
OLD = "def test_old(driver): pass\n"
NEW = "def test_new(driver, base_url):\n    driver.get(base_url)\n    assert driver.title == 'Shop'\n"


def pull_request(folder: Path, case: str = NEW) -> None:
    """One that adds ``cases/test_new.py`` to what the branch ``main`` has; its site is in ``site``."""
    for name in ("site", "cases"):
        (folder / name).mkdir()
    (folder / "site" / "index.html").write_text("<!doctype html><title>Shop</title>")
    (folder / "cases" / "test_old.py").write_text(OLD)
    (folder / "cases" / "modules.json").write_text(json.dumps({"m": ["test_old::test_old", "test_new::test_new"]}))
    _git(folder, "init", "-q", "-b", "main")
    _commit(folder, "base")
    _git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    (folder / "cases" / "test_new.py").write_text(case)
    _commit(folder, "change")


def _commit(folder: Path, message: str) -> None:
    _git(folder, "add", ".")
    _git(folder, "commit", "-qm", message)


def _git(folder: Path, *words: str) -> None:
    subprocess.run([*GIT, *words], cwd=folder, check=True, capture_output=True)
