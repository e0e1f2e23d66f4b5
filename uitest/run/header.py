"""Plans a run from the module table and builds its header, for ``uitest run`` and the state machine."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from uitest.config import RunSettings
from uitest.errors import UsageError
from uitest.jobs.plan import check_id, choose, make_plan
from uitest.masking import address_secrets, masked
from uitest.model import Job, Module, Run, RunState
from uitest.quarantine import Quarantine, concerning

QUARANTINE_LIMIT = 100_000
"""Characters of the rows in a header, as JSON: an item of DynamoDB has 400 KB."""


def draft(table: Iterable[Module], names: Sequence[str], engines: Sequence[str]) -> tuple[list[Module], list[Job]]:
    """The named modules (all if none is named) and their jobs. Raises UsageError if there is nothing to run."""
    chosen = choose(table, names)
    plan = make_plan(chosen, engines)
    if not plan:
        raise UsageError(f"nothing to run: no case of these modules is meant for {', '.join(engines)}")
    return chosen, plan


def make_header(
    run_id: str,
    url: str,
    chosen: Sequence[Module],
    plan: Sequence[Job],
    settings: RunSettings,
    now: float,
    quarantine: Iterable[Quarantine] = (),
    **more: Any,
) -> Run:
    """The header of a run that begins ``now``; ``more`` is added to its settings.

    It keeps the rows of ``quarantine`` that may concern its jobs. Raises UsageError for a bad run id, for more rows
    than fit, and for an address with a password in a state machine, whose steps read it from the store.
    """
    if settings.executor == "stepfunctions" and address_secrets(url, settings.grid):
        raise UsageError(
            f"{masked(url)}: with --executor stepfunctions an address with a password would be stored in the table; "
            "let the cases read the password from a variable of the function"
        )
    tags = {module.name: list(module.tags) for module in chosen if module.tags}
    return Run(
        id=check_id("run id", run_id),
        url=url,
        started_at=now,
        state=RunState.RUNNING,
        planned=len(plan),
        modules=tuple(module.name for module in chosen),
        browsers=tuple(dict.fromkeys(job.browser for job in plan)),
        settings={**settings.to_json(), **({"tags": tags} if tags else {}), **more},
        beat_at=now,
        quarantine=_kept(quarantine, plan),
    )


def _kept(quarantine: Iterable[Quarantine], plan: Iterable[Job]) -> tuple[Quarantine, ...]:
    """The rows that may concern these jobs. Raises UsageError if they do not fit into a header."""
    kept = concerning(quarantine, ((job.case, job.browser) for job in plan))
    if len(json.dumps([row.to_json() for row in kept])) > QUARANTINE_LIMIT:
        raise UsageError(f"{len(kept)} rows of the quarantine are about this run, more than fit into it; remove some")
    return kept
