"""Private names of other tools are used in ``uitest.compat`` only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMPAT = ROOT / "uitest" / "compat"
OWN_PACKAGES = ("uitest", "lambda_runner")
PRIVATE_MODULES = ("_pytest", "xdist", "selenium.webdriver.remote.websocket_connection")
"""Modules of other tools without a promise, or that hold nothing but what is subject to change."""

OF_PYTHON = frozenset({"_exit", "_replace", "_getframe"})
"""Names of Python itself, which are documented."""

FILES = sorted(path for name in OWN_PACKAGES for path in (ROOT / name).rglob("*.py") if not path.is_relative_to(COMPAT))


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and len(name) > 1 and name not in OF_PYTHON


def defined(tree: ast.AST) -> set[str]:
    """What a file gives a name to: functions, classes, variables, attributes."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.id if isinstance(node, ast.Name) else node.attr)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return names


def private_uses(tree: ast.AST, own: set[str], foreign: set[str]) -> Iterator[str]:
    """Private modules that are imported, and private attributes that are not ours."""
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            yield from (
                name for name in modules if f"{name}.".startswith(tuple(f"{alias}." for alias in PRIVATE_MODULES))
            )
            for name in modules:
                if not name.startswith(OWN_PACKAGES) and isinstance(node, ast.ImportFrom):
                    yield from (f"{name}.{alias.name}" for alias in node.names if is_private(alias.name))
        elif isinstance(node, ast.Attribute) and is_private(node.attr):
            of_itself = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            named_alike = of_itself and node.attr in functions
            if (node.attr in foreign and not named_alike) or not (of_itself or node.attr in own):
                yield node.attr
        elif isinstance(node, ast.Constant) and node.value in foreign:
            yield node.value


def foreign_names() -> set[str]:
    """The private names that ``uitest.compat`` uses and does not define."""
    names: set[str] = set()
    for path in COMPAT.glob("*.py"):
        tree = ast.parse(path.read_text())
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        kept = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_private(node.attr)
        }
        used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and is_private(node.attr)}
        listed = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier()
        }
        names |= used - functions - kept | {name for name in listed if is_private(name)}
    return names


FOREIGN = foreign_names()


def test_names_that_are_foreign() -> None:
    """The scan knows what it is to find."""
    assert {"_arg2scope", "_anonymous", "_groups", "_inidict", "_request", "_send_tests", "_is_remote"} <= FOREIGN


def test_no_private_name_outside_of_compat() -> None:
    """Whoever needs one adds a function to ``uitest.compat``, with a check and what happens without it."""
    trees = {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in FILES}
    uses = {name: sorted(set(private_uses(tree, defined(tree), FOREIGN))) for name, tree in trees.items()}
    assert {name: names for name, names in uses.items() if names} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import _pytest.scope",
        "from _pytest import python",
        "from xdist.scheduler import worksteal",
        "from selenium.webdriver.remote.websocket_connection import WebSocketConnection",
        "from selenium.webdriver import _other",
        "driver._is_remote = True",
        "self._is_remote = True",
        "getattr(item, '_request')",
        "item.session._other",
    ],
)
def test_scan_finds_every_kind_of_private_name(source: str) -> None:
    """Each of these is a private name."""
    tree = ast.parse(source)
    assert list(private_uses(tree, set(), FOREIGN))
