"""The ``Store`` Protocol for modules, runs and attempts, and ``open_store``, which parses ``--store``.

The steps of one attempt, and the condition that guards each of them::

    claim      attempt = n - 1  AND (no owner OR lease expired) AND reported as seen -> owner, attempt n, lease end
    heartbeat  owner = me       AND attempt = n                -> lease end
    finish     owner = me       AND attempt = n                -> attempt n appended, owner removed

``claim`` names the number of the attempt, so a dispatch that is delivered twice claims once. A report of a superseded
attempt is refused (False), never merged. The contract suite in ``tests/contract`` runs against every implementation.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from uitest import extensions
from uitest.errors import UsageError
from uitest.model import Attempt, Job, JobRow, Module, Past, Run
from uitest.quarantine import Quarantine

LOGGER = logging.getLogger(__name__)


class Store(Protocol):
    """Modules and runs; every method may raise StoreError."""

    def put_modules(self, modules: Iterable[Module]) -> None:
        """Write the modules, each replacing the one of its name."""

    def delete_modules(self, names: Iterable[str]) -> None:
        """Delete modules; unknown names are ignored."""

    def modules(self) -> list[Module]:
        """All modules, sorted by name."""

    def create_run(self, run: Run, jobs: Sequence[Job]) -> None:
        """Write the header (state planning), every job, then the state of ``run``. Raises RunExists."""

    def update_run(self, run_id: str, expected: Mapping[str, Any] | None = None, **changes: Any) -> Run:
        """Change these fields of the header, and return the new header.

        Raises UnknownRun, and RunChanged unless the header has the ``expected`` values: of two callers that act on the
        same reading, the second fails. Repeating one's own change is no error.
        """

    def run(self, run_id: str) -> Run:
        """The header. Raises UnknownRun."""

    def runs(self, limit: int = 1000) -> list[Run]:
        """Headers, newest ``started_at`` first."""

    def delete_run(self, run_id: str) -> None:
        """Delete a run and its jobs; an unknown run is ignored."""

    def jobs(self, run_id: str, claimed_since: float | None = None) -> list[JobRow]:
        """All rows of a run in plan order; empty for an unknown run.

        With ``claimed_since``, in seconds since the epoch, only rows that have an owner or were claimed since then.
        """

    def job(self, run_id: str, key: str) -> JobRow | None:
        """One row, read consistently."""

    def claim(
        self, run_id: str, key: str, number: int, owner: str, now: float, lease_s: float, reported: int | None = None
    ) -> bool:
        """Claim attempt ``number``; False if it is claimed already, is not the next one, or another's lease holds.

        ``reported`` is the number of reported attempts that the caller saw when it decided on this one. With it, the
        claim fails if there are more by now: a late report may have made the attempt unnecessary.
        """

    def heartbeat(self, run_id: str, key: str, number: int, owner: str, now: float, lease_s: float) -> bool:
        """Extend the lease; False if ``owner`` no longer holds the attempt."""

    def finish(self, run_id: str, key: str, attempt: Attempt) -> bool:
        """Record attempt ``attempt.number`` of ``attempt.owner``; False if it is superseded or somebody else's.

        Repeating one's own finish (because the response to the first was lost) returns True and changes nothing.
        """

    def past(self, keys: Iterable[str]) -> dict[str, Past]:
        """The records of earlier runs for these job keys, without unknown ones, in one request."""

    def remember(self, past: Mapping[str, Past]) -> None:
        """Save records for later runs, by job key, merged with what others save at the same time.

        A duration of None keeps the earlier one. Records outlive the runs they came from.
        """

    def put_quarantine(self, rows: Iterable[Quarantine]) -> None:
        """Write rows of the quarantine, each replacing the one of its id."""

    def delete_quarantine(self, ids: Iterable[str]) -> None:
        """Delete rows of the quarantine; unknown ids are ignored."""

    def quarantine(self) -> list[Quarantine]:
        """All rows of the quarantine, also those that are over, sorted by last day and id."""

    def close(self) -> None:
        """Close connections."""


def is_new(spec: str) -> bool:
    """Whether opening a store would create its file, so that a command which only reads need not open it."""
    kind, _, path = spec.partition(":")
    return kind == "sqlite" and bool(path) and not Path(path).expanduser().exists()


def open_store(spec: str) -> Store:
    """The store that ``sqlite:PATH`` or ``dynamodb:MODULE_TABLE,STATUS_TABLE`` names, or an extension's ``NAME:...``.

    Raises UsageError for any other text, StoreError when the store cannot be used.
    """
    LOGGER.info("opening the store %s", spec)
    kind, _, rest = spec.partition(":")
    if kind == "sqlite" and rest:
        from uitest.storage.stores.sqlite import SqliteStore

        return SqliteStore(rest)
    if kind == "dynamodb":
        tables = [name.strip() for name in rest.split(",")]
        if len(tables) == 2 and all(tables):
            # Imported late: boto3 takes 0.3 s.
            from uitest.storage.stores.dynamodb import DynamoStore

            return DynamoStore(*tables)
    elif (store := extensions.make(extensions.STORES, kind, Store, rest)) is not None:
        extended: Store = store
        return extended
    raise UsageError(f"store {spec!r} is neither sqlite:PATH nor dynamodb:MODULE_TABLE,STATUS_TABLE")
