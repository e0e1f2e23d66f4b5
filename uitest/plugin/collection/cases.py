"""Maps pytest tests to cases: ids, modules, and browsers or jobs as a parameter.

A case id is the text of ``@pytest.mark.case``, else ``<file stem>::<function>``, with ``[<params>]`` if the test is
parametrised. If several files have the same stem, equal ids begin with the file's path below the case folder instead:
``<folder>/<file stem>::<function>``, a form that is accepted for every test. Browsers (in a run: jobs) are another
parameter of the test, always the last one, and not part of the id.
"""

import itertools
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from uitest.compat import pytest_private
from uitest.plugin.collection.fixture_requests import fixtures_reached
from uitest.plugin.option_table import SCOPES
from uitest.plugin.options import driver_scope

if TYPE_CHECKING:
    from uitest.executors.attempt import Task

PARAMETER = "uitest_browser"
"""The fixture with the engine's name."""

SHARED_BY: Mapping[str, type[pytest.Collector]] = {
    "class": pytest.Class,
    "module": pytest.Module,
    "session": pytest.Session,
}
"""The collector whose tests share a driver of this scope."""

CASE_ID = pytest.StashKey[str]()
FOLDER = pytest.StashKey[Path]()
"""The folder to which the paths of ids are relative."""


@dataclass(frozen=True)
class Target:
    """Value of the parameter: an engine, and in a run also the module of the job."""

    browser: str
    module: str | None = None

    @property
    def label(self) -> str:
        """Its part of the test's name, without hyphens, so that it can be separated from other parameters."""
        text = self.browser if self.module is None else f"{self.module}.{self.browser}"
        return re.sub(r"[^A-Za-z0-9_.]", "_", text)


def base_ids(definition: pytest.Item) -> tuple[str, ...]:
    """The ids of a test without parameters: that of its mark, else the short one and the one with its path.

    Raises pytest.UsageError for a mark without a proper id.
    """
    mark = definition.get_closest_marker("case")
    if mark is None:
        names = definition.nodeid.split("[")[0].split("::")[1:]
        path = Path(definition.path)
        return tuple(
            dict.fromkeys("::".join([stem, *names]) for stem in (path.stem, _path_below(path, definition.config)))
        )
    if len(mark.args) != 1 or not isinstance(mark.args[0], str) or not mark.args[0].strip():
        raise pytest.UsageError(
            f'{definition.nodeid}: @pytest.mark.case takes one text, as in @pytest.mark.case("tc001")'
        )
    return (mark.args[0],)


def file_id(path: Path, config: pytest.Config) -> str:
    """The id of a case that stands for a whole file whose tests are unknown: its path, with the suffix."""
    return _path_below(path, config) + path.suffix


def is_file_id(case: str) -> bool:
    """Whether a case stands for a whole file."""
    return case.endswith(".py") and "::" not in case


def _path_below(path: Path, config: pytest.Config) -> str:
    """A file's path without its suffix, from the one folder that pytest was given, else from the root folder."""
    if FOLDER not in config.stash:
        folder = config.rootpath
        if len(config.args) == 1:
            argument = config.invocation_params.dir / config.args[0].partition("::")[0]
            folder = Path(os.path.normpath(argument))  # like pytest, which keeps symbolic links
        config.stash[FOLDER] = folder if folder.is_dir() else folder.parent
    path = path.with_suffix("")
    return (path.relative_to(config.stash[FOLDER]) if config.stash[FOLDER] in path.parents else path).as_posix()


def _with_params(base: str, item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return base
    params: str = callspec.id
    has_params = bool(params) or item.name.endswith("[]")  # an empty id counts, a hidden one does not
    if PARAMETER in callspec.params:
        params, separator, _ = params.rpartition("-")  # labels of engines have no hyphen
        has_params = bool(separator)
    return f"{base}[{params}]" if has_params else base


def case_id(item: pytest.Item) -> str:
    """The id of a collected test."""
    return item.stash.get(CASE_ID, None) or _with_params(base_ids(item)[0], item)


def module_name(item: pytest.Item) -> str:
    """The module of a test where modules are discovered: that of its mark, else its file's path below the case folder.

    The path is without suffix, and the whole path, so that another file of this name does not change it. Raises
    pytest.UsageError for a mark without a proper name.
    """
    mark = item.get_closest_marker("module")
    if mark is None:
        return _path_below(Path(item.path), item.config)
    if len(mark.args) != 1 or not isinstance(mark.args[0], str) or not mark.args[0].strip():
        raise pytest.UsageError(
            f'{item.nodeid}: @pytest.mark.module takes one text, as in @pytest.mark.module("checkout")'
        )
    return mark.args[0]


@dataclass(frozen=True)
class Ids:
    """The ids of the tests of a session.

    ``own`` has each test's id in order, ``accepted`` maps every id that names exactly one test to that test's own id,
    ``ambiguous`` maps each short id of several tests to their ids.
    """

    own: Sequence[str]
    accepted: Mapping[str, str]
    ambiguous: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, items: Sequence[pytest.Item]) -> Self:
        """The ids of these tests. Raises pytest.UsageError for a mark without a proper id."""
        forms = [tuple(_with_params(base, item) for base in base_ids(item)) for item in items]
        files: dict[str, dict[Path, str]] = {}
        for item, names in zip(items, forms, strict=True):
            if item.get_closest_marker("case") is None:
                files.setdefault(names[0], {})[Path(item.path)] = names[-1]
        ambiguous = {short: sorted(paths.values()) for short, paths in files.items() if len(paths) > 1}
        own = [names[-1] if names[0] in ambiguous else names[0] for names in forms]
        accepted = {names[-1]: mine for names, mine in zip(forms, own, strict=True)}
        accepted.update({mine: mine for mine in own})  # a test's own id wins over another one's longer form
        return cls(own, accepted, {short: paths for short, paths in ambiguous.items() if short not in accepted})


IDS = pytest.StashKey[Ids]()
"""The ids of a session, including tests that were deselected later."""


def target(item: pytest.Item) -> Target | None:
    """Engine and module of a collected test, None for a test without a browser."""
    callspec = getattr(item, "callspec", None)
    value = callspec.params.get(PARAMETER) if callspec is not None else None
    return value if isinstance(value, Target) else None


def targets(definition: pytest.Item, browsers: Sequence[str], tasks: "Iterable[Task] | None") -> list[Target]:
    """The engines for a test that uses a browser, or in a run (``tasks``) the jobs that name it."""
    if tasks is None:
        return [Target(browser) for browser in browsers] if uses_browser(definition) else []
    bases = base_ids(definition)
    wanted = {
        Target(task.job.browser, task.job.module): None
        for task in tasks
        if any(task.job.case == base or task.job.case.startswith(base + "[") for base in bases)
    }
    return list(wanted)


def uses_browser(definition: pytest.Item) -> bool:
    """Whether a test uses a browser, as far as can be known before it runs."""
    return PARAMETER in fixtures_reached(definition)


def shared_scopes(definition: pytest.Item) -> dict[str, str]:
    """The shared drivers of a test: fixture names with their scopes."""
    scopes = {f"driver_{scope}": scope for scope in SCOPES[1:]}
    if driver_scope(definition.config) != SCOPES[0]:
        scopes["driver"] = driver_scope(definition.config)
    reached = fixtures_reached(definition)
    return {name: scope for name, scope in scopes.items() if name in reached}


def widest_scope(definition: pytest.Item) -> str:
    """The widest scope of a test's drivers."""
    return max(shared_scopes(definition).values(), key=SCOPES.index, default=SCOPES[0])


def sharing(items: Iterable[pytest.Item]) -> list[list[pytest.Item]]:
    """The tests that share a driver, those of each scope, module of a run and engine by themselves, in their order."""
    groups: dict[tuple[pytest.Item | pytest.Collector, Target | None], list[pytest.Item]] = {}
    for item in items:
        kind = SHARED_BY.get(widest_scope(item))
        node = item.getparent(kind) if kind is not None else None
        if node is not None:
            groups.setdefault((node, target(item)), []).append(item)
    return list(groups.values())


def keep_engines(items: Sequence[pytest.Item]) -> None:
    """Widen the scope of the engine's fixture to that of the drivers that depend on it.

    This happens after collection, because pytest would sort the tests by scope, even with one engine.
    """
    for item in items if pytest_private.scopes_are_known() else ():
        if target(item) is not None:
            pytest_private.widen_scope(item, PARAMETER, widest_scope(item))


def by_engine(items: Sequence[pytest.Item], engines: Sequence[str]) -> list[pytest.Item]:
    """The tests in order, but grouped by engine where they share a driver."""

    def engine(item: pytest.Item) -> int:
        goal = target(item)
        return engines.index(goal.browser) if goal is not None and goal.browser in engines else 0

    scopes = {item: widest_scope(item) for item in items if target(item) is not None}
    if SCOPES[-1] in scopes.values():
        return sorted(items, key=engine)
    for scope in ("class", "module"):
        groups = [list(group) for _, group in itertools.groupby(items, methodcaller("getparent", SHARED_BY[scope]))]
        shares = [any(scopes.get(item) == scope for item in group) for group in groups]
        ordered = [sorted(group, key=engine) if share else group for group, share in zip(groups, shares, strict=True)]
        items = list(itertools.chain.from_iterable(ordered))
    return list(items)


def check_marks(item: pytest.Item) -> None:
    """Fail a test with marks for a browser that it shares with tests without these marks."""
    for name, scope in shared_scopes(item).items():
        kind = SHARED_BY[scope]
        node: pytest.Item | pytest.Collector | None = item
        while node is not None and not isinstance(node, kind):
            marks = [mark.name for mark in node.own_markers if mark.name in ("browser_options", "capabilities")]
            if marks and (scope != "class" or item.getparent(pytest.Class) is not None):
                pytest.fail(
                    f"{name} is kept for a {scope}: @pytest.mark.{marks[0]} on a part of it cannot shape it; "
                    f"mark the whole {scope}, or use a driver that is not shared",
                    pytrace=False,
                )
            node = node.parent


def parametrize(metafunc: pytest.Metafunc, values: Sequence[Target]) -> None:
    """Give a test its browsers, or in a run its jobs."""
    if not values:
        return
    if PARAMETER not in metafunc.fixturenames:
        metafunc.fixturenames.append(PARAMETER)  # for a test that requests it at run time, or uses no browser
    labels = [value.label for value in values]
    # ``keep_engines`` widens the scope later, where it can.
    scope: Any = "function" if pytest_private.scopes_are_known() else widest_scope(metafunc.definition)
    metafunc.parametrize(PARAMETER, values, ids=labels, indirect=True, scope=scope)


def name_cases(items: Sequence[pytest.Item]) -> Ids:
    """Set each test's id, also for ``-k``. Raises pytest.UsageError if two tests have the same id, naming both."""
    ids = Ids.of(items)
    seen: dict[tuple[str, Target | None], pytest.Item] = {}
    for item, own in zip(items, ids.own, strict=True):
        item.stash[CASE_ID] = own
        item.extra_keyword_matches.add(own)
        other = seen.setdefault((own, target(item)), item)
        if other is not item and any(test.get_closest_marker("case") for test in (item, other)):
            raise pytest.UsageError(
                f"case id {own!r} names two tests, {other.nodeid} and {item.nodeid}: change one of the ids"
            )
    return ids


def match(items: "Iterable[pytest.Item]", tasks: "Sequence[Task]", ids: Ids) -> "list[tuple[pytest.Item | None, Task]]":
    """The tasks in order, each with its collected test, or None if there is none.

    Raises pytest.UsageError for an id of several tests, and for two ids of one module that name the same test.
    """
    tests: dict[tuple[str, str, str], pytest.Item] = {}
    for item in items:
        goal = target(item)
        if goal is not None and goal.module is not None:
            tests.setdefault((goal.module, case_id(item), goal.browser), item)
    matched: list[tuple[pytest.Item | None, Task]] = []
    names: dict[int, str] = {}
    for task in tasks:
        job = task.job
        if job.case in ids.ambiguous:
            raise pytest.UsageError(ambiguity(job.case, ids.ambiguous[job.case]))
        test = tests.get((job.module, ids.accepted.get(job.case, job.case), job.browser))
        if test is not None and names.setdefault(id(test), job.case) != job.case:
            raise pytest.UsageError(
                f"module {job.module!r} names one test twice, as {names[id(test)]!r} and as {job.case!r}; remove one"
            )
        matched.append((test, task))
    return matched


def ambiguity(case: str, candidates: Sequence[str]) -> str:
    """The error message for an id that several tests have."""
    return f"{case!r} names {len(candidates)} tests; use the id of one of them: {', '.join(candidates)}"
