"""A pytest session that makes the attempts of an assignment: what it is told, and what its end means.

The same for every executor, whether the session is a process beside xdist's workers or runs in a function.
"""

import os
from collections import Counter
from pathlib import Path

from uitest.system.process_table import ProcessEntry

MISUSED = 4
"""pytest's exit code for wrong words and conftest files that cannot be loaded."""

NORMAL_EXITS = (0, 1, 5)
"""Exit codes of a session that did its work: all passed, some failed, nothing was left to run."""


def did_its_work(plan: Path, code: int | None) -> bool:
    """Whether a session that has ended with this exit code may be judged by the reports of its cases.

    Python itself exits with 1 for whatever is raised once the session is over, so the session's own word counts.
    """
    note = status_file(plan)
    return code == 0 or (code in NORMAL_EXITS and note.exists() and note.read_text() == str(code))


def pytest_args(cases: str, url: str, plan: Path, *options: str) -> list[str]:
    """pytest's command line; ``plan`` is the file with the assignment."""
    return [
        cases,
        "-p", "no:cacheprovider",
        f"--base-url={url}",
        f"--uitest-assignment={plan}",
        "--maxfail=0",  # --max-failures of the run decides, whatever the project's own configuration says
        "-q", "--tb=long", "--no-header", "--no-summary", "--color=no",
        *options,
    ]  # fmt: skip


def problem_file(plan: Path) -> Path:
    """Where a worker says why the case files are of no use."""
    return plan.with_suffix(".problem")


def groups_file(plan: Path) -> Path:
    """Where workers say which tasks belong together, as lists of their places; it exists if any do."""
    return plan.with_suffix(".groups")


def status_file(plan: Path) -> Path:
    """Where the process that hands out the tests notes the exit status of its session."""
    return plan.with_suffix(".status")


def import_file(plan: Path) -> Path:
    """Where this process notes what it imports, in case that ends the process."""
    return plan.with_suffix(f".{os.getpid()}.importing")


def problem(plan: Path, deaths: int = 1, leader: int | None = None) -> str | None:
    """What is wrong with the case files, in one line; None if they are sound.

    A worker said it, or ``deaths`` of them died while they imported one file: one may just as well have been killed.
    The death of the ``leader``, which ended the session, is enough.
    """
    file = problem_file(plan)
    if file.exists():
        return "; ".join(file.read_text().splitlines())
    notes = {note: note.read_text() for note in plan.parent.glob(f"{plan.stem}.*.importing")}
    fatal: Counter[str] = Counter()
    for note, name in notes.items():
        pid = int(note.suffixes[-2][1:])
        if name and _is_dead(pid):
            fatal[name] += deaths if pid == leader else 1
    found = next((name for name, times in fatal.items() if times >= deaths), None)
    return found and f"{found} cannot be collected: it ends the process that imports it"


def _is_dead(pid: int) -> bool:
    process = ProcessEntry.at(pid)
    return process is None or process.is_dead


def reason(output: str) -> str:
    """The line of pytest's output that says most; with its file, for a conftest file that cannot be loaded."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    conftest = next((line for line in lines if line.startswith("ImportError while loading conftest ")), None)
    if conftest is not None:
        errors = [line.removeprefix("E").strip() for line in lines if line.startswith("E  ")]
        file = conftest.removeprefix("ImportError while loading conftest ").rstrip(".").strip("'")
        return f"{file} cannot be loaded: {errors[-1] if errors else 'no reason given'}"
    told = [line for line in lines if line.startswith(("ERROR", "E  ", "INTERNALERROR> ")) or "rror:" in line]
    return (told or lines or ["it said nothing"])[-1].removeprefix("INTERNALERROR> ").removeprefix("ERROR: ")
