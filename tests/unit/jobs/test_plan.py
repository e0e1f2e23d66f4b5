"""The plan holds every job once, in an order that changes engines seldom."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.properties import quick
from uitest.errors import UnknownModule, UsageError
from uitest.jobs.plan import LONGEST_S, check_browsers, check_id, check_seconds, choose, make_plan
from uitest.model import BROWSERS, ID_LIMIT, Module

browsers = st.lists(st.sampled_from(BROWSERS), unique=True)
modules = st.lists(
    st.builds(
        Module,
        name=st.text(min_size=1, max_size=5),
        cases=st.lists(st.text(min_size=1, max_size=3), max_size=6).map(tuple),
        browsers=browsers.map(tuple),
        timeout=st.none() | st.floats(1, 99),
    ),
    unique_by=lambda module: module.name,
    max_size=6,
)
TABLE = [Module("b", ("tc1",)), Module("a", ("tc2",))]


@quick
@given(modules, browsers)
def test_every_job_exactly_once(table: list[Module], requested: list[str]) -> None:
    """Each case of each module in each browser it is for, once, and nothing else."""
    plan = make_plan(table, requested)
    expected = {
        (module.name, case, browser, module.timeout)
        for module in table
        for case in module.cases
        for browser in requested
        if not module.browsers or browser in module.browsers
    }
    assert Counter((j.module, j.case, j.browser, j.timeout) for j in plan) == Counter(expected)
    assert len({job.key for job in plan}) == len(plan)


@quick
@given(modules, browsers)
def test_one_engine_after_the_other(table: list[Module], requested: list[str]) -> None:
    """The jobs of one browser are together, browsers in the order asked for."""
    order = [job.browser for job in make_plan(table, requested)]
    assert order == sorted(order, key=requested.index)


def test_named_modules_keep_their_order() -> None:
    """Named modules come once, in the given order; without names all modules come."""
    assert [module.name for module in choose(TABLE, ["a", "b", "a"])] == ["a", "b"]
    assert choose(TABLE, []) == TABLE


def test_choose_names_all_unknown() -> None:
    """Every unknown name is told in one go, with the known ones."""
    with pytest.raises(UnknownModule, match=r"'x', 'y'; known are 'a', 'b'"):
        choose(TABLE, ["x", "a", "y"])


def test_empty_table_names_the_load_command() -> None:
    """The message for an empty table names the command that fills it."""
    with pytest.raises(UsageError, match="uitest modules load"):
        choose([], [])


@pytest.mark.parametrize("text", ["", " ", "\t", "a\nb", "a\0", "\udc80", "x" * (ID_LIMIT + 1)])
def test_ids_that_are_refused(text: str) -> None:
    """Empty, unprintable and endless ids are refused in one line."""
    with pytest.raises(UsageError) as caught:
        check_id("case", text)
    assert "\n" not in str(caught.value)
    assert "case" in str(caught.value)


@pytest.mark.parametrize("text", ["tc001", "a#b/c d", "\N{FOX FACE}", "x" * ID_LIMIT])
def test_ids_that_are_fine(text: str) -> None:
    """Any printable text up to the limit is an id."""
    assert check_id("case", text) == text


def test_browsers_are_unique_and_known() -> None:
    """Duplicates are dropped, the order is kept, and unknown names are rejected with the choice."""
    assert check_browsers(["webkit", "chrome", "webkit"]) == ("webkit", "chrome")
    with pytest.raises(UsageError, match=r"'safari'; choose from chrome, firefox, webkit"):
        check_browsers(["safari"])


@pytest.mark.parametrize(("text", "seconds"), [("1", 1), (0.5, 0.5), (LONGEST_S, 31_622_400), ("1e3", 1000)])
def test_seconds_may_be_a_text_or_a_number(text: object, seconds: float) -> None:
    """Up to 366 days."""
    assert check_seconds(text) == check_seconds(text, zero=True) == seconds


@pytest.mark.parametrize("text", ["", "x", "-1", "nan", "inf", 10**400, None, LONGEST_S + 1])
def test_seconds_out_of_range_are_refused(text: object) -> None:
    """Whether zero is allowed or not."""
    for zero in (False, True):
        with pytest.raises(UsageError, match="is not a number of seconds"):
            check_seconds(text, zero=zero)


def test_zero_seconds_only_where_they_mean_no_limit() -> None:
    """The message names the least value."""
    assert check_seconds("0", zero=True) == 0
    with pytest.raises(UsageError, match=f"'0' is not a number of seconds above 0 to {LONGEST_S}"):
        check_seconds("0")
    with pytest.raises(UsageError, match="'-1' is not a number of seconds from 0 to"):
        check_seconds("-1", zero=True)


@pytest.mark.parametrize(("length", "cut"), [(58, False), (59, True)])
def test_long_value_is_cut_in_the_message_about_seconds(length: int, cut: bool) -> None:
    """To 60 characters, quotation marks included."""
    with pytest.raises(UsageError) as raised:
        check_seconds("x" * length)
    shown = str(raised.value).removesuffix(f" is not a number of seconds above 0 to {LONGEST_S}")
    assert len(shown) == 60
    assert shown.endswith("...") is cut
