"""The cache folder: files that are kept between runs and can be recreated at any time."""

import os
from collections.abc import Callable
from pathlib import Path


def cache() -> Path:
    """The folder, which need not exist. Raises RuntimeError without a home."""
    named = os.environ.get("UITEST_CACHE")
    return Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "uitest"


def keep(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file of the cache atomically, as several workers may do so at the same time. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    write(part)
    part.replace(path)
