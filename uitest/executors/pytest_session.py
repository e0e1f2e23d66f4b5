"""Arguments and exit codes of a pytest session that makes the attempts of an assignment, for all executors."""

import signal
from pathlib import Path

from uitest.executors import import_notes

MISUSED = 4
"""pytest's exit code for wrong arguments and conftest files that cannot be loaded."""

NORMAL_EXITS = (0, 1, 5)
"""Exit codes of a complete session: all passed, some failed, nothing was left to run."""


CRASHES = frozenset({signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV})
"""Signals that a process gets for what its own code does."""


def ended_by_case(code: int) -> str | None:
    """How a case ended its own process, by the exit code (negative after a signal); None if somebody killed it.

    Plain pytest would end there with a bad exit status, so such a case has failed.
    """
    if code >= 0:
        return f"the case ended its own process with status {code}"
    if -code == signal.SIGABRT:
        return (
            "timed out or aborted: the case's process got SIGABRT, which ends a case that is stuck outside of Python "
            "30 s after its time limit"
        )
    return f"the case's process crashed with {signal.Signals(-code).name}" if -code in CRASHES else None


def ended_outside(code: int) -> str | None:
    """How a worker that was running no case ended badly, by its exit code; None if it did not, or was killed."""
    if code == 0 or ended_by_case(code) is None:
        return None
    how = f"ended with status {code}" if code > 0 else f"crashed with {signal.Signals(-code).name}"
    return f"a worker's process {how} outside of its cases: perhaps in a pytest_unconfigure hook"


def did_its_work(plan: Path, code: int | None) -> bool:
    """Whether a session that has ended with this exit code may be judged by the reports of its cases.

    Python itself exits with 1 for whatever is raised once the session is over, so the session's own word counts.
    """
    note = status_file(plan)
    return code == 0 or (code in NORMAL_EXITS and note.exists() and note.read_text() == str(code))


def own_cache(folder: Path) -> list[str]:
    """Arguments for a cache of pytest in this folder.

    With that of the project an option such as ``--lf`` in its configuration would leave out what passed before; without
    any it would be unknown.
    """
    return ["-o", f"cache_dir={folder / 'pytest-cache'}"]


def pytest_args(cases: str, url: str, plan: Path, *options: str) -> list[str]:
    """pytest's arguments; ``plan`` is the file with the assignment."""
    return [
        cases,
        *own_cache(plan.parent),
        f"--base-url={url}",
        f"--uitest-assignment={plan}",
        "--maxfail=0",  # --max-failures of the run decides, not the project's configuration
        "-q", "--tb=long", "--no-header", "--no-summary", "--color=no",
        *options,
    ]  # fmt: skip


def problem_file(plan: Path) -> Path:
    """The file in which a worker reports that the case files cannot be used."""
    return plan.with_suffix(".problem")


def groups_file(plan: Path) -> Path:
    """Where workers say which tasks belong together, as lists of their places; it exists if any do."""
    return plan.with_suffix(".groups")


def status_file(plan: Path) -> Path:
    """Where the process that hands out the tests notes the exit status of its session."""
    return plan.with_suffix(".status")


def problem(plan: Path, deaths: int = 1, leader: int | None = None) -> str | None:
    """A problem of the case files in one line, because of which no case can run; None if there is none.

    Either a worker reported it, or ``deaths`` workers died while they imported the same file, without which there is no
    session. The death of the ``leader``, which ended the session, is enough.
    """
    file = problem_file(plan)
    if file.exists():
        return "; ".join(file.read_text().splitlines())
    notes = {pid: note for pid, note in import_notes.left_behind(plan.parent).items() if not note.optional}
    needed = 1 if leader in notes else deaths
    note = next(iter(import_notes.fatal(notes.values(), needed)), None)
    return note.reason if note is not None else None


def reason(output: str) -> str:
    """The most relevant line of pytest's output; for a conftest file that cannot be loaded, its name and error."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    conftest = next((line for line in lines if line.startswith("ImportError while loading conftest ")), None)
    if conftest is not None:
        details = [line.removeprefix("E").strip() for line in lines if line.startswith("E  ")]
        file = conftest.removeprefix("ImportError while loading conftest ").rstrip(".").strip("'")
        return f"{file} cannot be loaded: {details[-1] if details else 'no reason given'}"
    errors = [line for line in lines if line.startswith(("ERROR", "E  ", "INTERNALERROR> ")) or "rror:" in line]
    return (errors or lines or ["it said nothing"])[-1].removeprefix("INTERNALERROR> ").removeprefix("ERROR: ")
