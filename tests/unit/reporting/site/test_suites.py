"""Runs of one suite stand together on the home page."""

from dataclasses import replace

import pytest

from tests.support.samples import header, row
from uitest.model import Run
from uitest.reporting.site.suites import assign, default_branch, names, protected_branches

RUN = header([row("a")], modules=("a", "b", "c"), browsers=("chrome",))


def run_with(**changes: object) -> Run:
    """A run with changes."""
    return replace(RUN, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (run_with(id="x"), True),
        (run_with(modules=("a", "b", "c", "d")), True),
        (run_with(modules=("a",)), False),
        (run_with(modules=("a", "b")), True),
        (run_with(browsers=("firefox",)), False),
        (run_with(url="https://shop.example/other"), True),
        (run_with(url="https://test.shop.example/"), False),
        (run_with(settings={"section": "nightly"}), False),
        (run_with(settings={"branch": "feature"}), True),
    ],
)
def test_runs_of_one_suite(other: Run, same: bool) -> None:
    """Site, section, browsers and at least half of the modules are the same; the branch does not matter."""
    assert (assign([RUN, other])[1] == [0, 0]) is same


def test_ports_of_this_machine_do_not_count() -> None:
    """Builds serve the site under test on a free one."""
    first, second = run_with(url="http://127.0.0.1:8010"), run_with(url="http://127.0.0.1:8011")
    assert assign([first, second])[1] == [0, 0]
    runs = [run_with(url=url) for url in ("https://a.example:1", "https://a.example:2", "http://[x")]
    assert assign(runs)[1] == [0, 1, 2]


def test_a_growing_suite_stays_one() -> None:
    """Each run is compared with the newest one of the suite, and suites keep the order of their newest runs."""
    runs = [run_with(modules=modules) for modules in (tuple("abcd"), ("smoke",), tuple("abc"), ("smoke",))]
    assert assign(runs)[1] == [0, 1, 0, 1]


def test_names_have_what_tells_suites_apart() -> None:
    """Section or modules; browsers and site only where they differ."""
    nightly = run_with(settings={"section": "nightly"})
    assert names(assign([RUN, nightly, run_with(modules=("smoke",))])[0]) == ["3 modules", "nightly", "smoke"]
    assert names(assign([RUN, run_with(browsers=("webkit",))])[0]) == ["3 modules · chrome", "3 modules · webkit"]
    elsewhere = run_with(url="http://test.example:8")
    assert names(assign([RUN, elsewhere])[0]) == ["3 modules · shop.example", "3 modules · test.example:8"]
    assert names([]) == []


@pytest.mark.parametrize(
    ("runs", "branch"),
    [
        ([("feature", None), ("main", None)], "main"),
        ([("feature", "develop"), ("develop", None), ("main", None)], "develop"),
        ([("feature", "gone"), ("master", None)], "master"),
        ([("feature", None)], ""),
        ([(None, None)], ""),
        ([("a", "release"), ("b", "stable"), ("c", "stable"), ("release", None), ("stable", None)], "stable"),
    ],
)
def test_default_branch(runs: list[tuple[str | None, str | None]], branch: str) -> None:
    """The one that runs name as their base, if it has runs; else one of the usual names."""
    sample_runs = [run_with(settings={"branch": name, "against": against}) for name, against in runs]
    assert default_branch(sample_runs) == branch


def test_protected_branches_are_those_of_the_newest_run_that_names_some() -> None:
    """Names and patterns; the default branch is the first in any case."""
    branches = ["feature", "release/2", "main", "release/1", "hotfix"]
    runs = [run_with(settings={"branch": branch}) for branch in branches]
    assert protected_branches(runs, "main") == ["main", "release/2", "release/1"]
    newest = run_with(settings={"branch": "main", "protected_branches": "hot*, main"})
    assert protected_branches([*runs, newest], "main") == ["main", "hotfix"]
    assert protected_branches(runs[:1], "") == []
