"""Tells the suites of a site apart, so that the home page compares like with like.

A suite is what is run again and again: the same site under test, section of the configuration file and browsers, and
modules of which at least half are the same, so that a module that is added makes no new suite. Port numbers of this
machine do not count, as builds serve the site under test on a free one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from uitest.model import Run
from uitest.reporting.site.wording import clean, counted

USUAL_BRANCHES = ("main", "master", "trunk", "develop")
PROTECTED = ["release/*"]
"""Patterns of branches that are protected besides the default one, where no run says otherwise."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_NAMED = 2
"""Modules that a suite's name lists."""


@dataclass(frozen=True)
class Suite:
    """What is run again and again."""

    place: str
    section: str
    browsers: tuple[str, ...]
    modules: frozenset[str]

    def is_like(self, other: "Suite") -> bool:
        """Whether runs of both count as runs of one suite."""
        if (self.place, self.section, self.browsers) != (other.place, other.section, other.browsers):
            return False
        return 2 * len(self.modules & other.modules) >= len(self.modules | other.modules)


def suite_of(run: Run) -> Suite:
    """The suite that a run would found."""
    section = str(run.settings.get("section") or "")
    return Suite(_place(run.url), section, tuple(sorted(run.browsers)), frozenset(run.modules))


def _place(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or ""
    except ValueError:
        return url
    return host if host in _LOOPBACK else f"{host}:{port}"


def assign(runs: Iterable[Run]) -> tuple[list[Suite], list[int]]:
    """The suites of runs, which are given newest first, and for each run the index of its suite."""
    suites: list[Suite] = []
    known: dict[Suite, int] = {}
    places = []
    for run in runs:
        suite = suite_of(run)
        if suite not in known:
            known[suite] = next((n for n, other in enumerate(suites) if suite.is_like(other)), len(suites))
            if known[suite] == len(suites):
                suites.append(suite)
        places.append(known[suite])
    return suites, places


def names(suites: Sequence[Suite]) -> list[str]:
    """A name for each suite: its section or its modules, and whatever else tells it from the others."""

    def differs(name: str) -> bool:
        return len({getattr(suite, name) for suite in suites}) > 1

    parts = [
        [
            suite.section or _modules(suite.modules),
            ", ".join(suite.browsers) if differs("browsers") else "",
            suite.place.rstrip(":") if differs("place") else "",
        ]
        for suite in suites
    ]
    return [clean(" · ".join(filter(None, words))) for words in parts]


def _modules(modules: frozenset[str]) -> str:
    if len(modules) > _NAMED:
        return counted(len(modules), "module")
    return ", ".join(sorted(modules)) or "no modules"


def protected_branches(runs: Iterable[Run], default: str) -> list[str]:
    """The branches of these runs, newest first, that have a card of their own, with the default branch as the first.

    They match the names and patterns of the newest run that has any, else ``PROTECTED``.
    """
    runs = list(runs)
    set_by = next((run.settings["protected_branches"] for run in runs if run.settings.get("protected_branches")), "")
    patterns = [part.strip() for part in str(set_by).split(",") if part.strip()] or PROTECTED
    branches = dict.fromkeys(str(run.settings.get("branch") or "") for run in runs)
    chosen = [branch for branch in branches if any(fnmatchcase(branch, pattern) for pattern in patterns)]
    return list(dict.fromkeys(filter(None, (default, *chosen))))


def default_branch(runs: Iterable[Run]) -> str:
    """The branch that changes are for: the one that most runs name as their base, else one of the usual names.

    Empty if there is neither.
    """
    branches, against = set(), Counter[str]()
    for run in runs:
        branches.add(str(run.settings.get("branch") or ""))
        if run.settings.get("against"):
            against[str(run.settings["against"])] += 1
    named = [branch for branch, _ in against.most_common() if branch in branches]
    return next((branch for branch in (*named, *USUAL_BRANCHES) if branch in branches), "")
