"""The measurements as Markdown. Everything here is a pure function of what was measured."""

from collections.abc import Callable, Sequence
from statistics import median

from bench.sampler import Sample
from bench.session import Measure
from bench.speed import Row

TITLE = "# Measurements\n\nWritten by `make bench`; `bench/__init__.py` says what is measured, and how.\n"
STEADY = 0.10
"""Growth between the first and the last sample that counts as none: Chrome breathes that much."""


def speed(rows: Sequence[Row], facts: Sequence[str], cases: int, workers: int, rounds: int) -> str:
    """The section that compares the runners; ratios are to the first row that has numbers."""
    measured = [row for row in rows if row.missing is None and row.measures]
    lines = [
        f"{cases} cases (six flows), {workers} workers, one warm-up and {rounds} rounds in alternating order; "
        "median, in parentheses the least and the most. Wall time is the whole pytest command.",
        "",
        "| runner | wall s | ratio | processor s | ratio | processor s a case | versions |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    for row in rows:
        named = ", ".join(f"{name} {version}" for name, version in row.versions.items())
        if row not in measured:
            reason = (row.missing or "no rounds").replace("|", "\\|")
            lines.append(f"| {row.peer.name} | missing: {reason} | | | | | {named} |")
            continue
        first = measured[0].measures
        wall, wall_ratio = _cell(row.measures, first, lambda m: m.wall_s)
        cpu, cpu_ratio = _cell(row.measures, first, lambda m: m.cpu_s)
        each = median(m.cpu_s for m in row.measures) / cases
        lines.append(f"| {row.peer.name} | {wall} | {wall_ratio} | {cpu} | {cpu_ratio} | {each:.2f} | {named} |")
    if not all(measure.exact for row in measured for measure in row.measures):
        lines += [
            "",
            "No control group could be made: processor time lacks what nobody waited for, so do not compare it.",
        ]
    return _section("Speed", facts, lines)


def _cell(own: Sequence[Measure], first: Sequence[Measure], of: Callable[[Measure], float]) -> tuple[str, str]:
    values = [of(measure) for measure in own]
    ratio = median(values) / median(map(of, first))
    return f"{median(values):.1f} ({min(values):.1f}-{max(values):.1f})", f"{ratio:.2f}"


def growth(samples: Sequence[Sample], facts: Sequence[str]) -> str:
    """The section on one long session, with a verdict between the first and the last sample."""
    lines = [
        "uitest in one process and one Chrome; memory of pytest, chromedriver and Chrome together.",
        "",
        "| after case | PSS MB | RSS MB | processes | temporary files |",
        "|--:|--:|--:|--:|--:|",
    ]
    for sample in samples:
        pss = f"{sample.pss_kb / 1024:.0f}" if sample.pss_kb is not None else "hidden"
        lines.append(f"| {sample.case} | {pss} | {sample.rss_kb / 1024:.0f} | {sample.processes} | {sample.files} |")
    return _section("Growth", facts, [*lines, "", verdict(samples)])


def verdict(samples: Sequence[Sample]) -> str:
    """One sentence: how much memory, processes and files changed from the first sample to the last."""
    if len(samples) < 2:
        return "**Too few samples for a verdict.**"
    first, last = samples[0], samples[-1]
    hidden = first.pss_kb is None or last.pss_kb is None
    changes = {
        "memory": (first.rss_kb, last.rss_kb) if hidden else (first.pss_kb or 0, last.pss_kb or 0),
        "processes": (first.processes, last.processes),
        "temporary files": (first.files, last.files),
    }
    grown = [name for name, (before, after) in changes.items() if after > before * (1 + STEADY)]
    said = ", ".join(
        f"{name} {after / before - 1:+.1%}" if before else f"{name} {after - before:+d}"
        for name, (before, after) in changes.items()
    )
    judged = f"grows: {', '.join(grown)}" if grown else "steady"
    return f"**From case {first.case} to case {last.case}: {said}. Verdict: {judged} (limit +{STEADY:.0%}).**"


def _section(name: str, facts: Sequence[str], lines: Sequence[str]) -> str:
    return "\n".join([f"## {name}", "", *(f"- {fact}" for fact in facts), "", *lines, ""])


def merged(before: str, sections: Sequence[str]) -> str:
    """The report with these sections in place of those of the same heading; the others stay."""
    kept = ["## " + part.rstrip() + "\n" for part in before.split("\n## ")[1:]]
    new = {section.splitlines()[0]: section for section in sections}
    for section in kept:
        new.setdefault(section.splitlines()[0], section)
    return "\n".join([TITLE, *(new[heading] for heading in sorted(new, reverse=True))])
