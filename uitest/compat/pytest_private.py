"""Private parts of pytest that uitest depends on, except for methods of TestCase (``pytest_unittest``).

Each function looks up its private name when it is called. Where the name is missing, the function returns a value that
its caller can continue with, and one warning states the consequence.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from uitest.compat.features import Feature, warn, works

OPTION_NAMES = Feature("pytest", "names of options", "each of uitest's options is tried out, which takes longer")
FOLDERS = Feature("pytest", "its folders", "conftest files of testpaths are loaded late where an option has a value")
FIXTURES = Feature(
    "pytest", "definitions of fixtures", "a test that asks for driver only while it runs does so in one engine"
)
SCOPES = Feature("pytest", "scopes of parameters", "tests that share a driver are sorted by pytest")
NARROW_FIXTURES = Feature(
    "pytest", "fixtures of a test", "drivers that tests share are not shaped by fixtures or marks"
)
FINISHING = Feature(
    "pytest", "the end of a fixture", "a shared driver that broke is not replaced before its scope ends"
)
TEARDOWN = Feature("pytest", "the end of a test's fixtures", "an error of a wide fixture counts for the next case")
CONFTESTS = Feature("pytest", "loading of conftest files", "a conftest file that ends the process is not named")
KEYWORDS = Feature("pytest", "expressions of -k", "uitest watch takes a wrong one, and its sessions refuse it")
CAPTURING = Feature("pytest", "captured output", "after a case that closed sys.stdout no further case can run")

REGISTRIES = ("_arg2fixturedefs", "_arg2node2fixturedefs", "_arg2nodeid2fixturedefs")
"""Where pytest keeps fixtures by name: the first before 9.2, the others since."""

SELECTING = {
    "_pytest.mark": (("-k", "keyword"), ("-m", "markexpr")),
    "_pytest.main": (("--deselect", "deselect"),),
    "_pytest.cacheprovider": (("--last-failed", "lf"),),
    "_pytest.stepwise": (("--stepwise", "stepwise"),),
}
"""The options by which pytest's own modules deselect tests, with the names of their values."""


def selecting_options(module: str) -> Sequence[tuple[str, str]]:
    """The options by which one of pytest's modules deselects tests; none for another module."""
    return SELECTING.get(module, ())


def option_names(parser: pytest.Parser, wanted: Iterable[str]) -> set[str]:
    """The names of ``wanted``, as in ``--browser``, that options of pytest and its plugins already have."""
    try:
        groups = [parser._anonymous, *parser._groups]
        taken = {name for group in groups for option in group.options for name in option.names()}
    except AttributeError:
        warn(OPTION_NAMES)
        return {name for name in wanted if _is_understood(parser, name)}
    return taken.intersection(wanted)


def _is_understood(parser: pytest.Parser, name: str) -> bool:
    """Whether an option of this name exists, by its documented effect on a command line."""
    try:
        return name not in parser.parse_known_and_unknown_args([name])[1]
    except (pytest.UsageError, SystemExit):
        return True  # it wants a value


def has_ini(parser: pytest.Parser, name: str) -> bool:
    """Whether a plugin has registered this setting of the configuration file; False if that cannot be known."""
    return name in getattr(parser, "_inidict", {})


def name_folders(config: pytest.Config, parser: pytest.Parser, args: Sequence[str]) -> None:
    """Make pytest load conftest files from the folders in these arguments."""
    try:
        config.known_args_namespace.file_or_dir = parser.parse_known_args(list(args)).file_or_dir
    except AttributeError:
        warn(FOLDERS)


def folders_given(config: pytest.Config) -> list[str]:
    """The paths on pytest's command line, while it loads the first conftest files; none if they cannot be known."""
    return list(getattr(getattr(config, "known_args_namespace", None), "file_or_dir", ()))


def around_conftests(config: pytest.Config, around: Callable[[str, Callable[[], Any]], Any]) -> None:
    """Load each conftest file by ``around(path, load)``, which calls ``load`` and returns its result."""
    manager: Any = config.pluginmanager
    load = getattr(manager, "_importconftest", None)
    if load is None:
        warn(CONFTESTS)
        return
    manager._importconftest = lambda path, *args, **words: around(str(path), lambda: load(path, *args, **words))


def fixture_names(session: pytest.Session) -> frozenset[str]:
    """The names of all fixtures; none if they cannot be known."""
    manager = getattr(session, "_fixturemanager", None)
    registries = [getattr(manager, name, None) for name in REGISTRIES]
    if not any(registries):
        warn(FIXTURES)
    return frozenset(name for registry in registries for name in registry or ())


def fixture_definitions(item: pytest.Item, name: str) -> Sequence[Any]:
    """The fixture definitions (with ``argnames`` and ``func``) of a test's argument; empty if they are not known."""
    manager: Any = getattr(item.session, "_fixturemanager", None)
    if not hasattr(manager, "getfixturedefs"):
        warn(FIXTURES)
        return ()
    return manager.getfixturedefs(name, item) or ()


def scopes_are_known() -> bool:
    """Whether the scope of a test's parameter can be changed once it is collected; warns once if not."""
    return works(SCOPES, _check_scopes)


def _check_scopes() -> bool:
    from _pytest.scope import Scope

    return "_arg2scope" in call_spec_class().__dataclass_fields__ and Scope("session") is Scope.Session


def call_spec_class() -> Any:
    """The class of ``item.callspec``."""
    from _pytest import python

    return vars(python).get("CallSpec") or python.CallSpec2  # its name before pytest 9.2


def widen_scope(item: pytest.Item, parameter: str, scope: str) -> None:
    """Keep the value of a collected test's parameter for a wider scope; requires ``scopes_are_known``."""
    from _pytest.scope import Scope

    item.callspec._arg2scope[parameter] = Scope(scope)  # type: ignore[attr-defined]


def narrow_fixtures(item: pytest.Item) -> Callable[[str], Any] | None:
    """A function that returns a test's fixture by name, for use in a fixture of a wider scope; None if unavailable."""
    request = getattr(item, "_request", None)
    if request is None:
        warn(NARROW_FIXTURES)
        return None
    getter: Callable[[str], Any] = request.getfixturevalue
    return getter


def fixture_finisher(request: pytest.FixtureRequest) -> Callable[[], None]:
    """A function that ends the fixture being set up and those that depend on it; does nothing if that is impossible."""
    definition: Any = getattr(request, "_fixturedef", None)
    if not hasattr(definition, "finish"):
        warn(FINISHING)
        return lambda: None
    return lambda: definition.finish(request)


def end_fixtures(item: pytest.Item, nextitem: pytest.Item | None) -> BaseException | None:
    """End a test's fixtures that the next test does not share; returns the exception that one of them raised."""
    state: Any = getattr(item.session, "_setupstate", None)
    if not hasattr(state, "teardown_exact"):
        warn(TEARDOWN)
        return None
    call = pytest.CallInfo.from_call(lambda: state.teardown_exact(nextitem), "teardown")
    return call.excinfo.value if call.excinfo is not None else None


def keywords_problem(expression: str) -> str:
    """What is wrong with an expression for ``-k``; empty if nothing is, or that cannot be known."""
    try:
        from _pytest.mark.expression import Expression
    except ImportError:
        warn(KEYWORDS)
        return ""
    try:
        Expression.compile(expression)
    except Exception as exc:  # SyntaxError, and a class of its own before pytest 9
        return getattr(exc, "msg", None) or str(exc)
    return ""


def restart_capture(config: pytest.Config) -> None:
    """Restart capturing output, with new files."""
    capturing = config.pluginmanager.getplugin("capturemanager")
    if capturing is None:
        return
    if not hasattr(capturing, "_global_capturing"):
        warn(CAPTURING)
        return
    if capturing._global_capturing is not None:
        capturing._global_capturing.stop_capturing()
        capturing._global_capturing = None
        capturing.start_global_capturing()
