"""Prints the time profile of a run as a table in the terminal."""

from rich.console import Console
from rich.table import Table

from uitest.reporting.usage.time_profile import Profile

WIDTH = 30


def show(console: Console, profile: Profile) -> None:
    """Print a line for each category that took 5 ms or more."""
    total = profile.workers * profile.seconds
    table = Table(
        "", "seconds", "share", "",
        title=f"Where the time went: {profile.workers} workers x {profile.seconds:.1f} s",
        title_justify="left", box=None, pad_edge=False,
    )  # fmt: skip
    for column in table.columns[1:3]:
        column.justify = "right"
    for label, seconds in profile.parts:
        share = seconds / total if total else 0.0
        if seconds >= 0.005:
            table.add_row(label, f"{seconds:.2f}", f"{share:.0%}", "█" * round(share * WIDTH))
    console.print()
    console.print(table)
    console.print(
        f"Commands: {profile.direct:,} answered directly, {profile.forwarded:,} forwarded to the drivers",
        highlight=False,
    )
