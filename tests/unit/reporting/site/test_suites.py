"""Runs of one suite stand together on the home page."""

from dataclasses import replace

import pytest

from tests.support.samples import header, row
from uitest.model import Run
from uitest.reporting.site.suites import assign, default_branch, names, protected_branches

RUN = header([row("a")], modules=("a", "b", "c"), browsers=("chrome",))


def made(**changes: object) -> Run:
    """A run with changes."""
    return replace(RUN, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (made(id="x"), True),
        (made(modules=("a", "b", "c", "d")), True),
        (made(modules=("a",)), False),
        (made(modules=("a", "b")), True),
        (made(browsers=("firefox",)), False),
        (made(url="https://shop.example/other"), True),
        (made(url="https://test.shop.example/"), False),
        (made(settings={"section": "nightly"}), False),
        (made(settings={"branch": "feature"}), True),
    ],
)
def test_runs_of_one_suite(other: Run, same: bool) -> None:
    """Site, section, browsers and at least half of the modules are the same; the branch does not matter."""
    assert (assign([RUN, other])[1] == [0, 0]) is same


def test_ports_of_this_machine_do_not_count() -> None:
    """Builds serve the site under test on a free one."""
    one, other = made(url="http://127.0.0.1:8010"), made(url="http://127.0.0.1:8011")
    assert assign([one, other])[1] == [0, 0]
    assert assign([made(url="https://a.example:1"), made(url="https://a.example:2"), made(url="http://[x")])[1] == [
        0,
        1,
        2,
    ]


def test_a_growing_suite_stays_one() -> None:
    """Each run is compared with the newest one of the suite, and suites keep the order of their newest runs."""
    runs = [made(modules=tuple("abcd")), made(modules=("smoke",)), made(modules=tuple("abc")), made(modules=("smoke",))]
    assert assign(runs)[1] == [0, 1, 0, 1]


def test_names_have_what_tells_suites_apart() -> None:
    """Section or modules; browsers and site only where they differ."""
    nightly = made(settings={"section": "nightly"})
    assert names(assign([RUN, nightly, made(modules=("smoke",))])[0]) == ["3 modules", "nightly", "smoke"]
    assert names(assign([RUN, made(browsers=("webkit",))])[0]) == ["3 modules · chrome", "3 modules · webkit"]
    elsewhere = made(url="http://test.example:8")
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
    made_runs = [made(settings={"branch": name, "against": against}) for name, against in runs]
    assert default_branch(made_runs) == branch


def test_protected_branches_are_those_of_the_newest_run_that_names_some() -> None:
    """Names and patterns; the default branch is the first in any case."""
    branches = ["feature", "release/2", "main", "release/1", "hotfix"]
    runs = [made(settings={"branch": branch}) for branch in branches]
    assert protected_branches(runs, "main") == ["main", "release/2", "release/1"]
    asked = made(settings={"branch": "main", "protected_branches": "hot*, main"})
    assert protected_branches([*runs, asked], "main") == ["main", "hotfix"]
    assert protected_branches(runs[:1], "") == []
