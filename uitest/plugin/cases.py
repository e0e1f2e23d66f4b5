"""Which test is which case: ids, browsers and jobs as parameters of ordinary pytest tests.

A case id is what ``@pytest.mark.case`` says, else ``<file stem>::<function>``, with ``[<params>]`` where the
test is parametrised. Browsers (and in a run: jobs) are one more parameter of the test, always the last one, and
not part of the id.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from uitest.attempt import Task

PARAMETER = "uitest_browser"
"""The fixture that carries the engine's name into a test."""


@dataclass(frozen=True)
class Target:
    """Value of the parameter: an engine, and in a run the module on whose behalf the case runs."""

    browser: str
    module: str | None = None

    @property
    def label(self) -> str:
        """Its part of the test's name: no hyphen, so that it can be told from other parameters."""
        text = self.browser if self.module is None else f"{self.module}.{self.browser}"
        return re.sub(r"[^A-Za-z0-9_.]", "_", text)


def base_id(definition: pytest.Item) -> str:
    """The case id without parameters. Raises pytest.UsageError for a mark without a proper id."""
    mark = definition.get_closest_marker("case")
    if mark is None:
        return "::".join([Path(definition.path).stem, *definition.nodeid.split("[")[0].split("::")[1:]])
    if len(mark.args) != 1 or not isinstance(mark.args[0], str) or not mark.args[0].strip():
        raise pytest.UsageError(
            f'{definition.nodeid}: @pytest.mark.case takes one text, as in @pytest.mark.case("tc001")'
        )
    case: str = mark.args[0]
    return case


def case_id(item: pytest.Item) -> str:
    """The id of a collected test."""
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return base_id(item)
    params: str = callspec.id
    if PARAMETER in callspec.params:
        params = params.rpartition("-")[0]
    return f"{base_id(item)}[{params}]" if params else base_id(item)


def target(item: pytest.Item) -> Target | None:
    """Engine and module a collected test is for, None for tests without a browser."""
    callspec = getattr(item, "callspec", None)
    found = callspec.params.get(PARAMETER) if callspec is not None else None
    return found if isinstance(found, Target) else None


def parametrize(metafunc: pytest.Metafunc, browsers: Sequence[str], tasks: "Iterable[Task] | None") -> None:
    """Give a test its browsers, or in a run (``tasks``) the jobs that name its case."""
    if tasks is None:
        if PARAMETER not in metafunc.fixturenames:
            return
        targets = [Target(browser) for browser in browsers]
    else:
        base = base_id(metafunc.definition)
        wanted = {
            Target(task.job.browser, task.job.module): None
            for task in tasks
            if task.job.case == base or task.job.case.startswith(base + "[")
        }
        if not wanted:
            return
        if PARAMETER not in metafunc.fixturenames:
            metafunc.fixturenames.append(PARAMETER)  # a case without a browser of its own is a job as well
        targets = list(wanted)
    metafunc.parametrize(PARAMETER, targets, ids=[target.label for target in targets], indirect=True)


def check_unique(items: Iterable[pytest.Item], *, marked_only: bool) -> None:
    """Raises pytest.UsageError naming both tests if two have one id for one target.

    ``marked_only`` looks at explicit ids alone: a project whose test files share a name in different folders
    is none of our business until its tests are to be jobs.
    """
    seen: dict[tuple[str, Target | None], pytest.Item] = {}
    for item in items:
        if marked_only and item.get_closest_marker("case") is None:
            continue
        key = (case_id(item), target(item))
        if key in seen:
            raise pytest.UsageError(
                f"case id {key[0]!r} stands for two tests, {seen[key].nodeid} and {item.nodeid}: give one another id"
            )
        seen[key] = item


def match(items: Iterable[pytest.Item], tasks: "Sequence[Task]") -> "list[tuple[pytest.Item | None, Task]]":
    """The tasks, in order, each with the collected test it is for; None where there is no such test."""
    found: dict[tuple[str, str, str], pytest.Item] = {}
    for item in items:
        goal = target(item)
        if goal is not None and goal.module is not None:
            found.setdefault((goal.module, case_id(item), goal.browser), item)
    return [(found.get((task.job.module, task.job.case, task.job.browser)), task) for task in tasks]
