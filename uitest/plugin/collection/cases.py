"""Maps pytest tests to cases: names them, gives them browsers or jobs, and finds the test of each task.

Browsers (in a run: jobs) are a parameter of the test, always the last one.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from uitest.compat import pytest_private
from uitest.plugin.collection.browser_parameter import PARAMETER, Target, target, uses_browser
from uitest.plugin.collection.case_ids import CASE_ID, Ids, ambiguity, base_ids, case_id
from uitest.plugin.collection.shared_drivers import widest_scope

if TYPE_CHECKING:
    from uitest.executors.attempt import Task


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
