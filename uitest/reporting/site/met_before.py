"""Names the earlier run that met the same error, for each error of a run: "same as in RUN". Pure.

It is the newest earlier run of the base's branch that met the error, as such a failure is hardly the change's own; else
the newest earlier run of the suite on any branch, which may be the last push of the same change.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from uitest.model import Run
from uitest.reporting.site.comparison import Base
from uitest.reporting.site.findings import Findings
from uitest.reporting.site.links import run_folder
from uitest.reporting.site.wording import clean


@dataclass(frozen=True)
class MetIn:
    """The run that an error is the same as in."""

    run_id: str
    branch: str
    is_elsewhere: bool = False
    """Whether it is in another site, to which pages have no links."""

    def view(self) -> dict[str, Any]:
        """Its name, its folder as far as a page can link to it, and its branch."""
        folder = None if self.is_elsewhere else run_folder(self.run_id)
        return {"id": clean(self.run_id), "folder": folder, "branch": clean(self.branch)}


def met_before(base: Base, others: Iterable[tuple[Run, Findings]]) -> dict[str, MetIn]:
    """The run to name by the key of the error; ``others`` are earlier runs of the suite, oldest first."""
    met = {
        str(error["key"]): MetIn(run.id, str(run.settings.get("branch") or ""))
        for run, findings in others
        for error in findings["errors"]
    }
    for run in base.past.runs:
        met |= dict.fromkeys(run.error_keys(), MetIn(run.id, base.branch or "", base.is_elsewhere))
    return met
