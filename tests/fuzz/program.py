"""A program: pages and the commands that a case sends in them."""

from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.fuzz.commands import lines
from tests.fuzz.pages import pages


@dataclass(frozen=True)
class Program:
    """What each side runs, beginning at page 0."""

    pages: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def code(self) -> str:
        """Its Python, to be pasted into a test."""
        shown = "".join(f"        {page!r},\n" for page in self.pages)
        commands = "".join(f"        {line!r},\n" for line in self.lines)
        return f"Program(\n    (\n{shown}    ),\n    (\n{commands}    ),\n)"


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Any program."""
    drawn = draw(pages())
    return Program(drawn, tuple(draw(lines(drawn))))


sampled = settings(
    deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), print_blob=False
)
"""hypothesis only makes the programs: a difference has to be confirmed and shortened with the clock in view."""
