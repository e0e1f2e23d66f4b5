"""Finds the cases in a folder, with pytest in a separate process, so that case files do not affect this one."""

import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from uitest import log
from uitest.errors import UsageError
from uitest.executors import import_notes, pytest_session
from uitest.jobs.plan import check_id
from uitest.masking import masked
from uitest.model import Module
from uitest.plugin.collection.absent import Uncollected
from uitest.system.scratch_dirs import scratch

LIMIT_S = 120


@dataclass(frozen=True)
class Cases:
    """The cases of a folder.

    ``accepted`` maps every id that names one case to that case's own id, ``ambiguous`` maps every id that names several
    cases to a message, ``skipped`` has the files that skip themselves, whose cases are unknown, and ``left_out`` those
    that end pytest, with the id of a case for each. ``modules`` has the cases that pytest would run by the module of
    their mark or file; ``tests`` has by case how pytest is asked for each, ``path/test_x.py::test_y``, from the working
    directory and without parameters.
    """

    accepted: Mapping[str, str]
    ambiguous: Mapping[str, str]
    skipped: Sequence[Uncollected] = ()
    left_out: Mapping[str, Uncollected] = field(default_factory=dict)
    modules: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)

    def missing(self, named: Iterable[str]) -> list[str]:
        """The ids that name no case. Raises UsageError for one that names several."""
        named = list(named)
        problems = [self.ambiguous[case] for case in dict.fromkeys(named) if case in self.ambiguous]
        if problems:
            raise UsageError("; ".join(problems))
        unknown = [case for case in named if case not in self.accepted]
        files = [*self.skipped, *self.left_out.values()]
        return [case for case in unknown if not any(file.may_hold(case) for file in files)]

    def reasons(self, named: Iterable[str]) -> dict[str, str]:
        """Why these cases cannot run, where their files end pytest."""
        reasons: dict[str, str] = {}
        for case in named:
            file = next((file for file in self.left_out.values() if file.may_hold(case)), None)
            if file is not None and case not in self.accepted:
                reasons[case] = file.reason
        return reasons

    def check_complete(self) -> None:
        """Raises UsageError if cases are unknown since their files end pytest."""
        if self.left_out:
            raise UsageError("; ".join(file.reason for file in self.left_out.values()))

    def unused(self, named: Iterable[str]) -> list[str]:
        """The ids of all cases that these ids do not name, sorted."""
        return sorted(set(self.accepted.values()) - {self.accepted.get(case) for case in named})


def collect_cases(
    folder: str, secrets: Sequence[str] = (), environ: Mapping[str, str] | None = None, root: Path | None = None
) -> Cases:
    """The cases in a folder. Raises UsageError naming the file that cannot be collected, or a folder that is missing.

    ``secrets`` are masked in its message; ``environ`` has further variables for the process that collects, and ``root``
    is its working directory, this process's if none is given. One that dies while it imports a file is followed by
    another one, which leaves that file out as soon as it is known for it.
    """
    if not (root or Path()).joinpath(folder).exists():
        raise UsageError(f"the cases folder {folder!r} does not exist; say where it is with --cases DIR")
    with scratch("collect") as folder_name:
        out, relay = Path(folder_name) / "cases.json", log.Relay(Path(folder_name) / "log.txt")
        try:
            collect = functools.partial(_run, folder, out, {**(environ or {}), **relay.environ()}, root)
            done = import_notes.repeat(collect, out.parent, is_over=lambda _: out.exists())
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
    skipped = tuple(Uncollected(Path(path), "") for path in data["skipped"])
    left_out = {case: Uncollected(Path(path), masked(reason, secrets)) for path, reason, case in data["left_out"]}
    return Cases(data["accepted"], data["ambiguous"], skipped, left_out, data["modules"], data["tests"])


def _run(folder: str, out: Path, environ: Mapping[str, str], root: Path | None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "uitest.plugin.collection.list_cases", folder, str(out)],
        cwd=root,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=LIMIT_S,
        check=False,
    )


def discover_modules(
    folder: str, secrets: Sequence[str] = (), environ: Mapping[str, str] | None = None, root: Path | None = None
) -> list[Module]:
    """A module for each file in a folder with cases, and for each mark ``module``, in the order of collection.

    A file that ends pytest when it is imported is a module too, with one case that stands for all of its own.
    Arguments as for ``collect_cases``. Raises UsageError if there are no cases, or if a name cannot be an id.
    """
    return modules_of(collect_cases(folder, secrets, environ, root), folder)


def modules_of(cases: Cases, folder: str) -> list[Module]:
    """The modules of the cases in a folder, as ``discover_modules`` returns them."""
    modules = {name: list(of_module) for name, of_module in cases.modules.items()}
    for case in cases.left_out:
        modules.setdefault(case.removesuffix(".py"), []).append(case)
    if not modules:
        raise UsageError(f"pytest finds no test in {folder!r}; say where the cases are with --cases DIR")
    return [
        Module(check_id("module", name), tuple(check_id("case", case) for case in of_module))
        for name, of_module in modules.items()
    ]
