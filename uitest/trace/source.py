"""Finds the line of a case that sent a command, and the source of its function."""

import ast
import linecache
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any, TypeAlias

CONTEXT_LINES = 5
"""Number of lines shown before and after a line outside of functions."""

PACKAGE = Path(__file__).parents[1]

THIRD_PARTY = ("site-packages", "dist-packages", ".venv", ".tox", ".nox")
"""Folders within a project that hold other packages."""


Line: TypeAlias = tuple[str, int]
"""A file, relative to the project, and a number from 1."""


class Project:
    """The source files of a suite."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._names: dict[str, str | None] = {}

    def name(self, file: str) -> str | None:
        """A source file relative to the project, None for a file of another package."""
        if file not in self._names:
            self._names[file] = self._find(file)
        return self._names[file]

    def _find(self, file: str) -> str | None:
        path = Path(file)
        if not path.is_relative_to(self._root) or path.is_relative_to(PACKAGE):
            return None
        inside = path.relative_to(self._root)
        return None if any(part in THIRD_PARTY for part in inside.parts) else inside.as_posix()

    def line(self, case: str) -> Line | None:
        """The calling line: the innermost one in the file of the ``case``, else the innermost in the project."""
        frame: FrameType | None = sys._getframe(1)
        nearest: Line | None = None
        while frame is not None:
            file = frame.f_code.co_filename
            if nearest is None or file == case:
                name = self.name(file)
                nearest = (name, frame.f_lineno) if name is not None else nearest
            if file == case:
                break
            frame = frame.f_back
        return nearest

    def sources(self, lines: Iterable[Line]) -> tuple[list[dict[str, Any]], dict[Line, int]]:
        """The functions that contain these lines, in order, and for each line the index of its function."""
        functions: list[dict[str, Any]] = []
        places: dict[Line, int] = {}
        begun: dict[Line, int] = {}
        for name, line in dict.fromkeys(lines):
            text = linecache.getlines(os.fspath(self._root / name))
            first, last = _around("".join(text), line)
            if (name, first) not in begun:
                begun[name, first] = len(functions)
                shown = [source_line.rstrip("\n") for source_line in text[first - 1 : last]]
                functions.append({"name": name, "first": first, "lines": shown})
            places[name, line] = begun[name, first]
        return functions, places


def _around(text: str, line: int) -> tuple[int, int]:
    """First and last line of the outermost function that contains a line."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        tree = ast.Module([], [])
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            last = node.end_lineno or node.lineno
            if first <= line <= last:
                return first, last
        elif isinstance(node, ast.ClassDef):
            waiting += node.body
    return max(1, line - CONTEXT_LINES), line + CONTEXT_LINES
