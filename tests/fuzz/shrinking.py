"""Makes the program of a difference shorter while the difference stays."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.fuzz.program import Program


def shrink(program: Program, keeps: Callable[[Program], bool]) -> Program:
    """A short program, for which ``keeps`` is true, by leaving out lines of commands and pages."""
    lines = _needed(program.lines, lambda some: keeps(replace(program, lines=some)))
    program = replace(program, lines=lines)
    for number in range(len(program.pages)):

        def with_page(blocks: Sequence[str], number: int = number, program: Program = program) -> Program:
            pages = list(program.pages)
            pages[number] = "\n".join(blocks)
            return replace(program, pages=tuple(pages))

        blocks = tuple(program.pages[number].split("\n"))
        program = with_page(_needed(blocks, lambda some, build=with_page: keeps(build(some))))  # type: ignore[misc]
    return program


def _needed(parts: tuple[str, ...], keeps: Callable[[tuple[str, ...]], bool]) -> tuple[str, ...]:
    """Those that cannot be left out, big groups of them tried first, the last ones before others."""
    size = len(parts)
    while size:
        at = len(parts) - size
        while at > -size:
            rest = parts[: max(at, 0)] + parts[at + size :]
            if rest != parts and keeps(rest):
                parts = rest
            at -= size
        size //= 2
    return parts
