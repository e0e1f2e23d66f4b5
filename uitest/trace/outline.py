"""Writes the accessibility tree of a page as text, a line for each element, masked and then cut. Pure."""

import json
from collections.abc import Callable, Mapping
from typing import Any

LIMITS = {"nodes": 2_000, "characters": 200_000}
"""How much of a page ``outline.js`` reads."""
LINE_LIMIT, OUTLINE_LIMIT = 200, 20_000
"""Characters of a text in a line, and of all lines."""
CUT = "… cut here"


def outline(observation: Mapping[str, Any], mask: Callable[[str], str]) -> str:
    """The lines of a result of ``outline.js``, such as ``- button "Order" [disabled]``."""
    lines: list[str] = []
    size = 0
    for depth, role, name, states, value in observation["lines"]:
        name, value = (_shown(text, mask) for text in (name, value))
        label = f" {json.dumps(name, ensure_ascii=False)}" if name else ""
        marks = "".join(f" [{state}]" for state in states)
        line = f"{'  ' * depth}- {mask(role)}{label}{marks}{f': {value}' if value else ''}"
        size += len(line) + 1
        if size > OUTLINE_LIMIT:
            return "\n".join([*lines, CUT])
        lines.append(line)
    return "\n".join([*lines, *([CUT] if observation["isCut"] else ())])


def _shown(text: str, mask: Callable[[str], str]) -> str:
    """A text in one line; a secret is recognised by its spaces, so they are joined afterwards."""
    text = " ".join(mask(text).split())
    return text if len(text) <= LINE_LIMIT else f"{text[:LINE_LIMIT]}…"
