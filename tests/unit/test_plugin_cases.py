"""Ids of cases, and which collected test is which job."""

import pytest

from uitest.attempt import Task
from uitest.model import Job
from uitest.plugin.cases import Target, case_id, check_unique, match, parametrize, target

SUITE = """
import pytest

class TestShop:
    def test_pay(self): pass

def test_plain(): pass

@pytest.mark.parametrize("size", ["a-b", "c"])
def test_sizes(uitest_browser, size): pass

@pytest.mark.case("tc001")
def test_marked(uitest_browser): pass

@pytest.mark.case("tc002")
@pytest.mark.parametrize("size", [1, 2])
def test_both(size): pass
"""


def test_case_ids(pytester: pytest.Pytester) -> None:
    """An id is file stem, class and function or the mark's text, then parameters, never the browser."""
    items, _ = pytester.inline_genitems(pytester.makepyfile(test_shop=SUITE), "--browser", "chrome,firefox")
    assert [case_id(item) for item in items] == [
        "test_shop::TestShop::test_pay",
        "test_shop::test_plain",
        "test_shop::test_sizes[a-b]",
        "test_shop::test_sizes[a-b]",
        "test_shop::test_sizes[c]",
        "test_shop::test_sizes[c]",
        "tc001",
        "tc001",
        "tc002[1]",
        "tc002[2]",
    ]
    assert [found.browser for item in items if (found := target(item))] == ["chrome", "firefox"] * 3
    check_unique(items, marked_only=False)


def test_same_file_name_twice(pytester: pytest.Pytester) -> None:
    """Files of one name in two folders are refused as cases, and are none of our business otherwise."""
    for folder in ("one", "two"):
        path = pytester.mkpydir(folder) / "test_shop.py"
        path.write_text("def test_pay(): pass")
    items, _ = pytester.inline_genitems()
    check_unique(items, marked_only=True)
    with pytest.raises(pytest.UsageError, match=r"one/test_shop.py::test_pay and two/test_shop.py::test_pay"):
        check_unique(items, marked_only=False)


@pytest.mark.parametrize(
    ("found", "label"),
    [(Target("chrome"), "chrome"), (Target("chrome", "log in-out"), "log_in_out.chrome")],
)
def test_label(found: Target, label: str) -> None:
    """A label has no hyphen: the last one in a test's name is where the other parameters end."""
    assert found.label == label


class FakeMetafunc:
    """What ``parametrize`` uses of pytest's Metafunc."""

    def __init__(self, definition: pytest.Item, *names: str) -> None:
        self.definition = definition
        self.fixturenames = list(names)
        self.given: list[Target] = []

    def parametrize(self, name: str, values: list[Target], *, ids: list[str], indirect: bool) -> None:
        assert (name, indirect) == ("uitest_browser", True)
        self.given = values


def test_jobs_as_parameters(pytester: pytest.Pytester) -> None:
    """In a run a test gets the jobs that name it or one of its parameters, and no browser besides."""
    item = pytester.getitem("def test_func(): pass")
    own = case_id(item)
    tasks = [
        Task(Job("m1", own, "chrome"), 1),
        Task(Job("m2", f"{own}[1]", "firefox"), 1),
        Task(Job("m2", f"{own}[2]", "firefox"), 1),
        Task(Job("m3", f"{own}_longer", "chrome"), 1),
    ]
    metafunc = FakeMetafunc(item)
    parametrize(metafunc, ("webkit",), tasks)  # type: ignore[arg-type]
    assert metafunc.given == [Target("chrome", "m1"), Target("firefox", "m2")]
    assert metafunc.fixturenames == ["uitest_browser"]
    unasked = FakeMetafunc(item, "uitest_browser")
    parametrize(unasked, ("webkit",), [])  # type: ignore[arg-type]
    assert unasked.given == []


def test_missing_cases() -> None:
    """A task without a test keeps its place; it is never silently dropped."""
    task = Task(Job("m", "tc404", "chrome"), 1)
    assert match([], [task]) == [(None, task)]
