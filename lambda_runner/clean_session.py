"""Surrounds a pytest session; afterwards only processes and files of a kept browser are left (``browser_reuse``)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lambda_runner import subreaper
from lambda_runner.borrowed_browser import BorrowedBrowser
from lambda_runner.browser_reuse import BrowserReuse
from lambda_runner.tmpdir import scratch

KEEP = BrowserReuse()
"""The browser that this environment keeps between invocations."""


@contextmanager
def clean_session(*, reuse_browser: bool) -> Iterator[tuple[Path, list[BorrowedBrowser]]]:
    """Yields a folder for the session in the block, and plugins for it; then ends and reaps every process it left."""
    subreaper.adopt_orphans()
    others = subreaper.children(KEEP.groups)
    with KEEP.lent(wanted=reuse_browser) as plugins, scratch() as folder:
        try:
            yield folder, plugins
        finally:
            KEEP.collect()
            subreaper.end(others, KEEP.groups)
