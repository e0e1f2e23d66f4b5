"""What one Firefox leaves for the next: files of a profile and of a cache, no browser."""

from pathlib import Path

import pytest

from uitest.browsers.engines.firefox import startup_cache

FILES = {
    "compatibility.ini": "LastVersion=1_20260102030405",
    "startupCache/scriptCache.bin": "scripts",
    "startupCache/scriptCache-child.bin": "scripts of children",
    "startupCache/startupCache.8.little": "the rest",
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache, which nobody has written to."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("UITEST_CACHE", str(folder))
    return folder


@pytest.fixture
def firefox(tmp_path: Path) -> str:
    """The program of a Firefox, by way of a link as Debian has it."""
    home = tmp_path / "lib"
    home.mkdir()
    (home / "firefox").touch(mode=0o755)
    (home / "application.ini").write_text("[App]\nVersion=1\nBuildID=20260102030405\n")
    (tmp_path / "firefox").symlink_to(home / "firefox")
    return str(tmp_path / "firefox")


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """The profile of a Firefox that has run for a while."""
    others = {"startupCache/webext.sc.lz4": "add-ons", "startupCache/scriptCache-new.bin": "half", "prefs.js": "x"}
    files = FILES | others
    for name, text in files.items():
        (tmp_path / "used" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "used" / name).write_text(text)
    return tmp_path / "used"


def contents(folder: Path) -> dict[str, str]:
    """Its files."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_cache_of_the_last_firefox_is_used(tmp_path: Path, cache: Path, firefox: str, used: Path) -> None:
    """All of what Firefox compiled for itself, nothing else; what is kept is not written again."""
    startup_cache.make_profile(tmp_path / "first", firefox)
    assert contents(tmp_path / "first") == {}
    startup_cache.leave(used, firefox)
    assert [path.name for path in cache.iterdir()] == ["firefox-20260102030405"]
    (used / "startupCache" / "scriptCache.bin").write_text("other")
    startup_cache.leave(used, firefox)
    startup_cache.make_profile(tmp_path / "second", firefox)
    assert contents(tmp_path / "second") == FILES


@pytest.mark.parametrize("missing", FILES)
def test_incomplete_cache_is_not_kept(tmp_path: Path, firefox: str, used: Path, missing: str) -> None:
    """A Firefox that ended before it had written all of it leaves nothing that is begun with."""
    (used / missing).unlink()
    startup_cache.leave(used, firefox)
    startup_cache.make_profile(tmp_path / "next", firefox)
    assert "compatibility.ini" not in contents(tmp_path / "next")


def test_cache_of_another_build_is_replaced(tmp_path: Path, cache: Path, firefox: str, used: Path) -> None:
    """What another build has compiled is of no use, and is not kept beside it."""
    startup_cache.leave(used, firefox)
    (tmp_path / "lib" / "application.ini").write_text("[App]\nBuildID=20260203040506\n")
    startup_cache.make_profile(tmp_path / "next", firefox)
    assert contents(tmp_path / "next") == {}
    startup_cache.leave(used, firefox)
    assert [path.name for path in cache.iterdir()] == ["firefox-20260203040506"]


def test_cache_is_deleted_after_a_failed_start(tmp_path: Path, cache: Path, firefox: str, used: Path) -> None:
    """What a Firefox did not start with is gone."""
    startup_cache.leave(used, firefox)
    startup_cache.forget(firefox)
    startup_cache.forget(firefox)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("trouble", ["no build", "no file", "no cache"])
def test_cache_that_cannot_be_written_costs_only_time(
    tmp_path: Path, cache: Path, firefox: str, used: Path, trouble: str
) -> None:
    """A wrapper around a Firefox elsewhere, or a cache that cannot be written to, costs the time only."""
    if trouble == "no build":
        (tmp_path / "lib" / "application.ini").write_text("[App]\n")
    elif trouble == "no file":
        (tmp_path / "lib" / "application.ini").unlink()
    else:
        cache.touch()
    startup_cache.leave(used, firefox)
    startup_cache.make_profile(tmp_path / "next", firefox)
    assert contents(tmp_path / "next") == {}
    startup_cache.forget(firefox)
