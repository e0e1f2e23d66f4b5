"""Rows that the contract tests of stores write and read."""

from uitest.model import Job, JobRow
from uitest.storage.stores import Store

STRANGE = [
    "with-hyphen",
    "a#b",
    "a/b",
    "../up",
    "..",
    "two words",
    'it\'s "quoted" `so` \\ %s',
    "emoji \N{FOX FACE}",
    "x" * 300,
    "\N{FOX FACE}" * 300,
]


def row_of(store: Store, job: Job, run_id: str = "r1") -> JobRow:
    """The row of a job that must be there."""
    row = store.job(run_id, job.key)
    assert row is not None
    return row
