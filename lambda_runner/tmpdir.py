"""The one folder an invocation may write to, and its end.

Lambda gives an environment ``/tmp`` and nothing else, and keeps it between invocations: what is left there fills it
up, one browser profile of some megabytes at a time.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for the block. At its end that is gone, and in Lambda all else that has appeared beside it too."""
    place = Path(tempfile.gettempdir())
    before = set(place.iterdir())
    folder = Path(tempfile.mkdtemp(prefix="uitest-", dir=place))
    try:
        yield folder
    finally:
        _remove(folder)
        if "AWS_LAMBDA_RUNTIME_API" in os.environ:  # elsewhere /tmp is others' too
            for path in set(place.iterdir()) - before:
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
