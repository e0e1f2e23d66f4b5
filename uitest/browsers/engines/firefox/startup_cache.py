"""Starts a new Firefox profile with what an earlier Firefox has compiled: its own frame, a third of a start.

Each browser has a profile of its own. The first of a build that ends leaves what it compiled in the user's cache, and
those after it begin with a copy. Nothing of pages, settings or add-ons is in these files. Trade-off: 18 MB of the
cache, and the copying of them, some 10 ms a start.

Self-check: Firefox judges whether the files fit, by the build that ``compatibility.ini`` names, and compiles anew
where they do not; a damaged file is no harm either (``tests/browsers/test_headstart.py``). Fallback: after a start that
failed the files are thrown away, so that the next start is one without them. ``python -m bench shortcuts`` measures
what they are worth.
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
"""What Firefox writes some seconds after its start, and when it quits."""
JUDGED_BY = "compatibility.ini"
"""Copied last: without it Firefox takes nothing for its own."""


def make_profile(folder: Path, binary: str) -> None:
    """A new profile for this Firefox, with what is kept for it. Raises OSError if the folder cannot be made."""
    (folder / "startupCache").mkdir(parents=True)
    with log.suppress(LOGGER, "the start cache is not used", OSError, RuntimeError):
        _copy(_kept(binary), folder)


def leave(profile: Path, binary: str) -> None:
    """Keep what this profile's Firefox has compiled, if that is whole and nothing is kept yet. Never raises."""
    with log.suppress(LOGGER, "nothing is kept in the start cache", OSError, RuntimeError):
        kept = _kept(binary)
        if not kept.exists() and all(any(profile.glob(pattern)) for pattern in COMPILED):
            for older in kept.parent.glob("firefox-*"):
                shutil.rmtree(older, ignore_errors=True)
            cache_dir.keep(kept, partial(_copy, profile))


def forget(binary: str) -> None:
    """Keep nothing for this Firefox. Never raises."""
    with log.suppress(LOGGER, "the start cache could not be removed", OSError, RuntimeError):
        shutil.rmtree(_kept(binary))


def _copy(source: Path, target: Path) -> None:
    (target / "startupCache").mkdir(parents=True, exist_ok=True)
    for pattern in COMPILED:
        for file in source.glob(pattern):
            shutil.copyfile(file, target / file.relative_to(source))
    shutil.copyfile(source / JUDGED_BY, target / JUDGED_BY)


def _kept(binary: str) -> Path:
    """The folder for a Firefox. Raises FileNotFoundError for a program that does not say which build it is."""
    told = Path(shutil.which(binary) or binary).resolve().with_name("application.ini")
    build = re.search(r"^BuildID=(\w+)$", told.read_text(errors="replace"), re.MULTILINE)
    if build is None:
        raise FileNotFoundError(f"{told} names no build")
    return cache_dir.cache() / f"firefox-{build[1]}"
