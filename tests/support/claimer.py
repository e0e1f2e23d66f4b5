"""A process that claims attempt 1 of all jobs: ``python -m tests.support.claimer DATABASE RUN OWNER``.

It opens the store itself, as a worker does, and prints how many claims it won.
"""

import sys

from tests.support.builders import NOW
from uitest.storage.stores import open_store


def main(path: str, run: str, owner: str) -> None:
    """Claim and count."""
    store = open_store(f"sqlite:{path}")
    print(sum(store.claim(run, row.job.key, 1, owner, NOW, 30) for row in store.jobs(run)))
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
