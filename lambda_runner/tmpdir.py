"""Creates an invocation's temporary folder, and cleans ``/tmp`` at its end.

In Lambda only ``/tmp`` is writable, and it is kept between invocations, so leftovers such as browser profiles of some
megabytes would fill it.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch() -> Iterator[Path]:
    """A temporary folder, deleted at the end of the block; in Lambda with everything else that is new beside it."""
    place = Path(tempfile.gettempdir())
    before = set(place.iterdir())
    folder = Path(tempfile.mkdtemp(prefix="uitest-", dir=place))
    try:
        yield folder
    finally:
        _remove(folder)
        if "AWS_LAMBDA_RUNTIME_API" in os.environ:  # elsewhere others use /tmp as well
            for path in set(place.iterdir()) - before:
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
