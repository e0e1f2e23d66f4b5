"""A pytest plugin for ``start``: when a worker's first case begins, as a line in ``BENCH_FIRST``.

The line is seconds since the epoch, the one clock that processes share.
"""

import os
import time
from pathlib import Path

import pytest

TOLD = pytest.StashKey[bool]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    if not item.config.stash.get(TOLD, False):
        item.config.stash[TOLD] = True
        with Path(os.environ["BENCH_FIRST"]).open("a") as out:
            out.write(f"{time.time()}\n")
