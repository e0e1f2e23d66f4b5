"""Caches Firefox's compiled UI scripts for new profiles, which saves a third of a start.

Each browser has its own profile. The first browser of a build that ends saves its startup cache in the user's cache
folder, and later profiles begin with a copy. The files contain nothing of pages, settings or add-ons. Trade-off: 18 MB
of disk, and some 10 ms per start for the copy.

Self-check: Firefox checks by ``compatibility.ini`` whether the files fit its build, and compiles again if they do not;
a damaged file does no harm either (``tests/browsers/firefox/test_headstart.py``). Fallback: after a failed start the
files are deleted, so that the next start does without them. ``python -m bench shortcuts`` measures what they are worth.
"""

import logging
import re
import shutil
from functools import partial
from pathlib import Path

from uitest import log
from uitest.system import cache_dir

LOGGER = logging.getLogger(__name__)

COMPILED = ("startupCache/scriptCache.bin", "startupCache/scriptCache-child.bin", "startupCache/startupCache.*")
"""Files that Firefox writes some seconds after its start, and when it quits."""
JUDGED_BY = "compatibility.ini"
"""Copied last, because without it Firefox ignores the others."""


def make_profile(folder: Path, binary: str) -> None:
    """Create a profile for this Firefox, with cached files if there are any. Raises OSError."""
    (folder / "startupCache").mkdir(parents=True)
    with log.suppress(LOGGER, "the start cache is not used", OSError, RuntimeError):
        _copy(_cache_folder(binary), folder)


def leave(profile: Path, binary: str) -> None:
    """Save the startup cache of a profile, if it is complete and none is saved yet. Never raises."""
    with log.suppress(LOGGER, "the start cache is not saved", OSError, RuntimeError):
        cached = _cache_folder(binary)
        if not cached.exists() and all(any(profile.glob(pattern)) for pattern in COMPILED):
            for older in cached.parent.glob("firefox-*"):
                shutil.rmtree(older, ignore_errors=True)
            cache_dir.keep(cached, partial(_copy, profile))


def forget(binary: str) -> None:
    """Delete the cached files of this Firefox. Never raises."""
    with log.suppress(LOGGER, "the start cache could not be removed", OSError, RuntimeError):
        shutil.rmtree(_cache_folder(binary))


def _copy(source: Path, target: Path) -> None:
    (target / "startupCache").mkdir(parents=True, exist_ok=True)
    for pattern in COMPILED:
        for file in source.glob(pattern):
            shutil.copyfile(file, target / file.relative_to(source))
    shutil.copyfile(source / JUDGED_BY, target / JUDGED_BY)


def _cache_folder(binary: str) -> Path:
    """The cache folder of a Firefox. Raises FileNotFoundError if its build is not known."""
    ini_file = Path(shutil.which(binary) or binary).resolve().with_name("application.ini")
    build = re.search(r"^BuildID=(\w+)$", ini_file.read_text(errors="replace"), re.MULTILINE)
    if build is None:
        raise FileNotFoundError(f"{ini_file} names no build")
    return cache_dir.cache() / f"firefox-{build[1]}"
