"""Finds stores, file places, executors and reporters of other packages by their entry points.

A package names a factory in one of the groups below; the name before ``=`` is what users write (``--store NAME:...``,
``--site NAME://...``, ``--executor NAME``, ``--reporter NAME``). ``docs/extending.md`` shows an example of each. Names
of uitest come first. Whatever is wrong with an extension is one line that names its distribution.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from uitest.errors import UitestError, UsageError

STORES = "uitest.stores"
FILES = "uitest.files"
EXECUTORS = "uitest.executors"
REPORTERS = "uitest.reporters"


def names(group: str) -> list[str]:
    """The names that installed packages offer in a group, sorted."""
    return sorted({point.name for point in entry_points(group=group)})


def check(group: str, name: str) -> None:
    """Prove that a package offers the name, and that its factory can be imported. Raises UsageError."""
    point = _find(group, name)
    if point is None:
        raise UsageError(f"no installed package offers {name!r} to {group}; installed are: {_listed(group)}")
    with _naming(point):
        point.load()


def make(group: str, name: str, protocol: type, *arguments: object) -> Any:
    """What the factory of this name makes from the arguments; None if no package offers the name.

    Raises UsageError if two packages offer it, or if the factory cannot be imported, raises, or makes something that
    lacks methods of ``protocol``. Errors of uitest's own kinds are raised as they are: the extension explains itself.
    """
    point = _find(group, name)
    if point is None:
        return None
    with _naming(point):
        extension = point.load()(*arguments)
    missing = [method for method in vars(protocol) if not method.startswith("_") and not hasattr(extension, method)]
    if missing:
        raise UsageError(f"{_named(point)} is broken: what it makes lacks {', '.join(missing)}")
    return extension


def _find(group: str, name: str) -> EntryPoint | None:
    offered = list(dict.fromkeys(entry_points(group=group, name=name)))
    if len(offered) > 1:
        raise UsageError(
            f"{group}: {name!r} is offered by {' and '.join(map(_origin, offered))}; uninstall one of them"
        )
    return offered[0] if offered else None


@contextmanager
def _naming(point: EntryPoint) -> Iterator[None]:
    """Name the extension in whatever it raises."""
    try:
        yield
    except UitestError:
        raise
    except Exception as exc:
        why = " ".join(f"{type(exc).__name__}: {exc}".split())
        raise UsageError(f"{_named(point)} is broken: {why}") from exc


def _named(point: EntryPoint) -> str:
    return f"{point.group}: {point.name!r} of {_origin(point)}"


def _listed(group: str) -> str:
    return ", ".join(names(group)) or "none"


def _origin(point: EntryPoint) -> str:
    """The distribution and its version."""
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else point.value
