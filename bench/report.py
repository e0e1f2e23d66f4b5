"""The measurements as one Markdown document. Everything here is a pure function of what was measured."""

from collections.abc import Collection, Mapping, Sequence
from statistics import median

from bench.goals import GOALS, Goal

TITLE = "# Measurements\n\nWritten by `make bench`; `bench/__init__.py` says what is measured, and how.\n"
SUMMARY = "## Summary"


def section(name: str, facts: Sequence[str], lines: Sequence[str]) -> str:
    """A part's section."""
    return "\n".join([f"## {name}", "", *(f"- {fact}" for fact in facts), "", *lines, ""])


def summary(figures: Mapping[str, float], ran: Collection[str], before: str) -> str:
    """The section that holds every figure against its goal.

    Figures of parts that did not run this time keep their row of the report ``before``, if they have one; a figure
    that a part of ``ran`` owes is missing.
    """
    old = {row_name(line): line for line in before.splitlines() if line.startswith("| ")}
    lines = [
        "Ratios are uitest's median over the other's; smaller is better everywhere. Rows of parts that were not run "
        "again stay; each section below says when it was measured.",
        "",
        "| figure | measured | must | goal | reached |",
        "|---|--:|--:|--:|---|",
    ]
    for name, goal in GOALS.items():
        if name.partition(".")[0] in ran:
            lines.append(_row(goal, figures.get(name)))
        elif goal.figure in old:
            lines.append(old[goal.figure])
    return "\n".join([SUMMARY, "", *lines, ""])


def _row(goal: Goal, measured: float | None) -> str:
    value, reached = ("missing", "no") if measured is None else (goal.shown(measured), goal.reached(measured))
    must = "" if goal.must is None else f"<= {goal.shown(goal.must)}"
    return f"| {goal.figure} | {value} | {must} | <= {goal.shown(goal.goal)} | {reached} |"


def row_name(line: str) -> str:
    """The first cell of a table's line."""
    return line.split("|")[1].strip()


def merged(before: str, sections: Sequence[str], order: Sequence[str]) -> str:
    """The report with these sections in place of those of the same heading, in this order of headings.

    The others stay, but not those whose heading ``order`` does not name: no part writes them any more.
    """
    earlier = ["## " + part.rstrip() + "\n" for part in before.split("\n## ")[1:]]
    parts = {part.splitlines()[0]: part for part in [*earlier, *sections]}
    return "\n".join([TITLE, *(parts[heading] for heading in order if heading in parts)])


def spread(values: Sequence[float], digits: int = 1) -> str:
    """The median, in parentheses the least and the most."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def cell(reason: str) -> str:
    """Words that cannot break a table."""
    return reason.replace("|", "\\|")
