"""A pytest session that makes the attempts of an assignment: what it is told, and what its end means.

The same for every executor, whether the session is a process beside xdist's workers or runs in a function.
"""

from pathlib import Path

SOUND = (0, 1, 5)
"""Exit codes of a session that did its work: all passed, some failed, nothing was left to run."""


def words(cases: str, url: str, plan: Path, *options: str) -> list[str]:
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


def problem(plan: Path) -> str | None:
    """What a worker said about the case files, in one line; None if they are sound."""
    file = problem_file(plan)
    return "; ".join(file.read_text().splitlines()) if file.exists() else None


def reason(output: str) -> str:
    """The line of pytest's output that says most."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("ERROR", "E  ", "INTERNALERROR> ")) or "rror:" in line]
    return (told or lines or ["it said nothing"])[-1].removeprefix("INTERNALERROR> ").removeprefix("ERROR: ")
