"""Where modules, runs and attempts live, behind one Protocol; ``open_store`` reads the words users write.

The life of one attempt, and the condition that guards each step::

    claim      attempt = n - 1  AND (no owner OR lease over) AND reported as seen -> owner, attempt n, lease end
    heartbeat  owner = me       AND attempt = n                -> lease end
    finish     owner = me       AND attempt = n                -> attempt n appended, owner gone

``claim`` names the attempt it wants to make, so a dispatch that is delivered twice claims once. A report of a
superseded attempt is refused (False), never merged. The contract suite in ``tests/contract`` runs against every
implementation.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from uitest.errors import UsageError
from uitest.model import Attempt, Job, JobRow, Module, Past, Run


class Store(Protocol):
    """Modules and runs; every method may raise StoreError."""

    def put_modules(self, modules: Iterable[Module]) -> None:
        """Write the modules, each replacing the one of its name."""

    def delete_modules(self, names: Iterable[str]) -> None:
        """Remove modules; names that are not there are ignored."""

    def modules(self) -> list[Module]:
        """All modules by name."""

    def create_run(self, run: Run, jobs: Sequence[Job]) -> None:
        """Write the header (state planning), every job, then the header as ``run`` says. Raises RunExists."""

    def update_run(self, run_id: str, expected: Mapping[str, Any] | None = None, **changes: Any) -> Run:
        """Set these fields of the header, leave the others as they are, return it.

        Raises UnknownRun, and RunChanged unless the fields that are ``expected`` have these values: of two that act on
        what they have read, the second is told. A repeat of one's own change is no error.
        """

    def run(self, run_id: str) -> Run:
        """The header. Raises UnknownRun."""

    def runs(self, limit: int = 1000) -> list[Run]:
        """Headers, newest ``started_at`` first."""

    def delete_run(self, run_id: str) -> None:
        """Remove a run and its jobs; one that is not there is ignored."""

    def jobs(self, run_id: str) -> list[JobRow]:
        """All rows of a run in plan order; empty for an unknown run."""

    def job(self, run_id: str, key: str) -> JobRow | None:
        """One row, read consistently."""

    def claim(
        self, run_id: str, key: str, number: int, owner: str, now: float, lease_s: float, reported: int | None = None
    ) -> bool:
        """Take attempt ``number``; False if it was taken already, is not the next one, or another is under lease.

        Also False unless so many attempts are ``reported``, if that is given: the caller saw so many when it decided
        that another is wanted, and a late report since then may be all that was wanting.
        """

    def heartbeat(self, run_id: str, key: str, number: int, owner: str, now: float, lease_s: float) -> bool:
        """Prolong the lease; False if the attempt is no longer ours."""

    def finish(self, run_id: str, key: str, attempt: Attempt) -> bool:
        """Record attempt ``attempt.number`` of ``attempt.owner``; False if it is superseded or another's.

        A repeat of one's own finish (the answer to the first got lost) is True and changes nothing.
        """

    def past(self, keys: Iterable[str]) -> dict[str, Past]:
        """What earlier runs left to know about the jobs with these keys, unknown ones left out; one request."""

    def remember(self, past: Mapping[str, Past]) -> None:
        """Keep this for later runs, by job key; what others remember at the same moment is kept as well.

        A duration that is None leaves the one that is known. Runs that are deleted later are not forgotten.
        """

    def close(self) -> None:
        """Let go of connections."""


def open_store(spec: str) -> Store:
    """The store that ``sqlite:PATH`` or ``dynamodb:MODULE_TABLE,STATUS_TABLE`` names.

    Raises UsageError for other words, StoreError when the store cannot be used.
    """
    kind, _, rest = spec.partition(":")
    if kind == "sqlite" and rest:
        from uitest.storage.stores.sqlite import SqliteStore

        return SqliteStore(rest)
    if kind == "dynamodb":
        tables = [name.strip() for name in rest.split(",")]
        if len(tables) == 2 and all(tables):
            # boto3 takes 0.3 s to import: only those who use AWS wait for it.
            from uitest.storage.stores.dynamodb import DynamoStore

            return DynamoStore(*tables)
    raise UsageError(f"store {spec!r} is neither sqlite:PATH nor dynamodb:MODULE_TABLE,STATUS_TABLE")
