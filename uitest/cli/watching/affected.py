"""Finds the Python files of a project that depend on a changed file, by what they import.

Names are matched without knowing ``sys.path``: ``import pages.home`` means every ``pages/home.py`` of the project. That
way a file too many may be found. A ``conftest.py`` affects all files beside and below it, a configuration file
everything, and any other file those that name it in a string.
"""

import ast
import logging
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from uitest import log

LOGGER = logging.getLogger(__name__)


CONFIGURATION = frozenset(
    {"pyproject.toml", "uitest.toml", "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini"}
    | {"setup.cfg"}
)
"""Files that change what every case does."""

IGNORED = frozenset({"__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist"})
"""Folders without cases; so are those that begin with a dot."""


@dataclass(frozen=True)
class Source:
    """What a Python file refers to."""

    modules: frozenset[str] = frozenset()
    """Dotted names, absolute ones as written, relative ones from the root of the project."""
    texts: frozenset[str] = frozenset()
    """Its strings."""


def parse(text: str, folder: tuple[str, ...]) -> Source:
    """What a file in this folder of the project refers to. Raises SyntaxError and ValueError."""
    modules: set[str] = set()
    texts: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) - node.level + 1] if node.level else ()
            origin = ".".join((*base, *([node.module] if node.module else [])))
            modules.update((origin, *(f"{origin}.{alias.name}".strip(".") for alias in node.names)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
        elif isinstance(node, ast.Assign) and any(getattr(name, "id", "") == "pytest_plugins" for name in node.targets):
            modules.update(_strings(node.value))
    return Source(frozenset(_with_packages(modules)), frozenset(texts))


def _strings(node: ast.AST) -> Iterator[str]:
    """The strings in an expression."""
    parts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return (part for part in parts if isinstance(part, str))


def _with_packages(modules: Iterable[str]) -> Iterator[str]:
    """The names, and those of the packages that are imported on the way."""
    for module in modules:
        while module:
            yield module
            module = module.rpartition(".")[0]


def module_names(path: tuple[str, ...]) -> Iterator[str]:
    """The names by which a file of the project may be imported, from wherever it is found."""
    parts = (*path[:-1], path[-1].removesuffix(".py"))
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    for start in range(len(parts)):
        yield ".".join(parts[start:])


def dependents(sources: dict[Path, Source], changed: Collection[Path]) -> frozenset[Path] | None:
    """The files of ``sources`` that one of the changed ones affects, itself included; None if all are affected.

    Paths are relative to the root of the project.
    """
    if any(path.name in CONFIGURATION for path in changed):
        return None
    importers: dict[str, set[Path]] = {}
    for path, source in sources.items():
        for module in source.modules:
            importers.setdefault(module, set()).add(path)
    files: set[Path] = set()
    waiting = list(changed)
    while waiting:
        path = waiting.pop()
        if path in files:
            continue
        files.add(path)
        if path.name == "conftest.py":
            waiting += [other for other in sources if other.is_relative_to(path.parent)]
        elif path.suffix == ".py":
            waiting += [other for name in module_names(path.parts) for other in importers.get(name, ())]
        else:
            waiting += [other for other, source in sources.items() if any(path.name in text for text in source.texts)]
    return frozenset(path for path in files if path.suffix == ".py")


State = tuple[int, int]
"""When a file was last changed, in nanoseconds since the epoch, and its size."""


def _state(path: Path) -> State | None:
    """A file's state; None for one that is gone."""
    try:
        file_stat = path.stat()
    except OSError:
        return None
    return file_stat.st_mtime_ns, file_stat.st_size


class Project:
    """The Python files below a folder; each is read again when it has changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[Path, tuple[State, Source]] = {}
        self._given: dict[Path, State | None] = {}

    def effects(self, changed: Iterable[Path]) -> dict[Path, frozenset[Path] | None]:
        """The changed files that concern a case, each with what depends on it; None for all. Paths are absolute.

        A file that is the same as when it was last given is left out: a change may be told more than once.
        """
        self._read()
        sources = {path: source for path, (_, source) in self._known.items()}
        effects: dict[Path, frozenset[Path] | None] = {}
        for path in sorted(filter(self._is_news, filter(self._is_watched, changed))):
            affected = dependents(sources, [path.relative_to(self.root)])
            if affected is None:
                effects[path] = None
            elif affected:
                effects[path] = frozenset(self.root / other for other in affected)
        return effects

    def changed_since(self, moment_ns: int) -> list[Path]:
        """The Python files that have been saved since a moment, in nanoseconds since the epoch."""
        self._read()
        return [self.root / path for path, ((saved_ns, _), _) in self._known.items() if saved_ns >= moment_ns]

    def _is_news(self, path: Path) -> bool:
        """Whether a file is another than when this was last asked."""
        state = _state(path)
        is_news = self._given.get(path, ()) != state
        self._given[path] = state
        return is_news

    def _is_watched(self, path: Path) -> bool:
        """Whether a change of this file can concern a case."""
        if not path.is_relative_to(self.root):
            return False
        folders = path.relative_to(self.root).parts[:-1]
        is_lock = path.name.startswith(".") and path.suffix == ".py"  # of an editor
        return not is_lock and not any(map(_is_ignored, folders))

    def _read(self) -> None:
        before, self._known = self._known, {}
        for path in self._files():
            with log.suppress(LOGGER, "a file cannot be read", OSError):
                state, relative = _state(path), path.relative_to(self.root)
                last_state, source = before.get(relative, (None, Source()))
                if last_state != state:
                    # What it referred to before counts as long as it cannot be parsed.
                    with log.suppress(LOGGER, "a file cannot be parsed", SyntaxError, ValueError):
                        source = parse(path.read_text(), relative.parent.parts)
                if state is not None:
                    self._known[relative] = state, source

    def _files(self) -> Iterator[Path]:
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if not _is_ignored(name)]
            yield from (Path(folder, name) for name in names if name.endswith(".py"))


def _is_ignored(folder: str) -> bool:
    return folder.startswith(".") or folder in IGNORED
