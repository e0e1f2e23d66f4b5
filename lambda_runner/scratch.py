"""The one folder an invocation may write to, and its end.

Lambda gives an environment ``/tmp`` and nothing else, and keeps it between invocations: what is left there fills it
up, one browser profile of some megabytes at a time.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HOMES = {
    "HOME": "home",
    "XDG_CACHE_HOME": "cache",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_RUNTIME_DIR": "runtime",
    "TMPDIR": "tmp",
}
"""Variables that programs take a place to write from; Firefox hangs for two minutes without some of them."""


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for the block. At its end that is gone, and in Lambda all else that has appeared beside it too."""
    place = Path(tempfile.gettempdir())
    before = set(place.iterdir())
    folder = Path(tempfile.mkdtemp(prefix="uitest-", dir=place))
    try:
        for name in HOMES.values():
            (folder / name).mkdir(mode=0o700)
        yield folder
    finally:
        _remove(folder)
        if "AWS_LAMBDA_RUNTIME_API" in os.environ:  # elsewhere /tmp is others' too
            for path in set(place.iterdir()) - before:
                _remove(path)


def homes(folder: Path) -> Mapping[str, str]:
    """The environment of programs that shall write into the folder only."""
    return {variable: str(folder / name) for variable, name in HOMES.items()}


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
