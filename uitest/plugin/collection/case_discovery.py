"""Finds the cases in a folder, with pytest in a separate process, so that case files do not affect this one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from uitest import log
from uitest.errors import UsageError
from uitest.executors import pytest_session
from uitest.jobs.plan import check_id
from uitest.masking import masked
from uitest.model import Module
from uitest.plugin.collection.absent import Skipped
from uitest.system.scratch_dirs import scratch

LIMIT_S = 120


@dataclass(frozen=True)
class Cases:
    """The cases of a folder.

    ``accepted`` maps every id that names one case to that case's own id, ``ambiguous`` maps every id that names several
    cases to a message, ``skipped`` has the files that skip themselves, whose cases are unknown. ``modules`` has the
    cases that pytest would run by the module of their mark or file.
    """

    accepted: Mapping[str, str]
    ambiguous: Mapping[str, str]
    skipped: Sequence[Skipped] = ()
    modules: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def missing(self, named: Iterable[str]) -> list[str]:
        """The ids that name no case. Raises UsageError for one that names several."""
        named = list(named)
        problems = [self.ambiguous[case] for case in dict.fromkeys(named) if case in self.ambiguous]
        if problems:
            raise UsageError("; ".join(problems))
        unknown = [case for case in named if case not in self.accepted]
        return [case for case in unknown if not any(file.may_hold(case) for file in self.skipped)]

    def unused(self, named: Iterable[str]) -> list[str]:
        """The ids of all cases that these ids do not name, sorted."""
        return sorted(set(self.accepted.values()) - {self.accepted.get(case) for case in named})


def collect_cases(
    folder: str, secrets: Sequence[str] = (), environ: Mapping[str, str] | None = None, root: Path | None = None
) -> Cases:
    """The cases in a folder. Raises UsageError naming the file that cannot be collected.

    ``secrets`` are masked in its message; ``environ`` has further variables for the process that collects, and ``root``
    is its working directory, this process's if none is given.
    """
    with scratch("collect") as folder_name:
        out, relay = Path(folder_name) / "cases.json", log.Relay(Path(folder_name) / "log.txt")
        try:
            done = subprocess.run(
                [sys.executable, "-m", "uitest.plugin.collection.list_cases", folder, str(out)],
                cwd=root,
                env={**os.environ, **(environ or {}), **relay.environ()},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                timeout=LIMIT_S,
                check=False,
            )
            data = json.loads(out.read_text())
        except (OSError, ValueError, subprocess.TimeoutExpired) as exc:
            raise UsageError(
                pytest_session.problem(out)
                or f"the cases in {folder!r} cannot be collected; see: pytest --collect-only {folder}"
            ) from exc
        finally:
            relay.copy()
    if data["problems"]:
        raise UsageError(masked("; ".join(data["problems"]), secrets))
    if data["is_misused"]:
        raise UsageError(masked(pytest_session.reason(done.stdout), secrets))
    skipped = tuple(Skipped(Path(path), "") for path in data["skipped"])
    return Cases(data["accepted"], data["ambiguous"], skipped, data["modules"])


def discover_modules(
    folder: str, secrets: Sequence[str] = (), environ: Mapping[str, str] | None = None, root: Path | None = None
) -> list[Module]:
    """A module for each file in a folder with cases, and for each mark ``module``, in the order of collection.

    Arguments as for ``collect_cases``. Raises UsageError if there are no cases, or if a name cannot be an id.
    """
    if not (root or Path()).joinpath(folder).exists():
        raise UsageError(f"the cases folder {folder!r} does not exist; say where it is with --cases DIR")
    found = collect_cases(folder, secrets, environ, root).modules
    if not found:
        raise UsageError(f"pytest finds no test in {folder!r}; say where the cases are with --cases DIR")
    return [
        Module(check_id("module", name), tuple(check_id("case", case) for case in cases))
        for name, cases in found.items()
    ]
