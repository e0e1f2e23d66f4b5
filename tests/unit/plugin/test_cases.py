"""Ids of cases, and which collected test is which job."""

from types import SimpleNamespace

import pytest

from uitest.executors.attempt import Task
from uitest.model import Job
from uitest.plugin.collection.browser_parameter import Target, target
from uitest.plugin.collection.case_ids import Ids, case_id
from uitest.plugin.collection.cases import match, name_cases, parametrize, targets
from uitest.plugin.collection.shared_drivers import by_engine

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


def test_case_id_is_file_function_and_parameters_or_the_mark(pytester: pytest.Pytester) -> None:
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
    assert [engine.browser for item in items if (engine := target(item))] == ["chrome", "firefox"] * 3
    name_cases(items)


@pytest.fixture
def twins(pytester: pytest.Pytester) -> list[pytest.Item]:
    """The tests of two files of one name in different folders, and of a third one beside the folders."""
    for folder, tests in (("one", "test_pay(): pass"), ("two", "test_pay(): pass\ndef test_go(): pass")):
        (pytester.mkpydir(folder) / "test_shop.py").write_text(f"def {tests}")
    (pytester.path / "test_top.py").write_text("def test_pay(): pass")
    items, _ = pytester.inline_genitems(pytester.path)
    return items


def test_id_has_the_path_where_the_short_one_is_not_unique(twins: list[pytest.Item]) -> None:
    """Where the short id would be another test's too, the path is part of it; elsewhere it may be."""
    ids = Ids.of(twins)
    pay = ["one/test_shop::test_pay", "two/test_shop::test_pay"]
    assert sorted(ids.own) == sorted([*pay, "test_shop::test_go", "test_top::test_pay"])
    assert ids.accepted == {own: own for own in ids.own} | {"two/test_shop::test_go": "test_shop::test_go"}
    assert ids.ambiguous == {"test_shop::test_pay": pay}


def test_mark_is_the_only_id_of_its_test(pytester: pytest.Pytester) -> None:
    """A mark's id is the only one of its test, also where it looks like another one's."""
    (pytester.mkpydir("one") / "test_shop.py").write_text(
        "import pytest\n@pytest.mark.case('one/test_shop::test_b')\ndef test_a(): pass\ndef test_b(): pass"
    )
    items, _ = pytester.inline_genitems(pytester.path)
    ids = Ids.of(items)
    assert list(ids.own) == ["one/test_shop::test_b", "test_shop::test_b"]
    assert ids.accepted == {own: own for own in ids.own}


def test_task_finds_its_test_by_short_and_long_id(twins: list[pytest.Item]) -> None:
    """A task finds its test by the short id and by the one with the path; what is unclear is refused."""
    ids = name_cases(twins)
    go = next(item for item in twins if item.name == "test_go")
    go.callspec = SimpleNamespace(params={"uitest_browser": Target("chrome", "m")}, id="m.chrome")  # type: ignore[attr-defined]

    def tasks(*names: str) -> list[Task]:
        return [Task(Job("m", name, "chrome"), 1) for name in names]

    for name in ("test_shop::test_go", "two/test_shop::test_go"):
        (wanted,) = tasks(name)
        assert match(twins, [wanted], ids) == [(go, wanted)]
    with pytest.raises(pytest.UsageError, match=r"names 2 tests; .*: one/test_shop::test_pay, two/"):
        match(twins, tasks("test_shop::test_pay"), ids)
    with pytest.raises(pytest.UsageError, match="module 'm' names one test twice, as 'test_shop::test_go'"):
        match(twins, tasks("test_shop::test_go", "two/test_shop::test_go"), ids)


@pytest.mark.parametrize(
    ("case", "label"),
    [(Target("chrome"), "chrome"), (Target("chrome", "log in-out"), "log_in_out.chrome")],
)
def test_label_has_no_hyphen(case: Target, label: str) -> None:
    """A label has no hyphen: the last one in a test's name is where the other parameters end."""
    assert case.label == label


class FakeMetafunc:
    """What ``parametrize`` uses of pytest's Metafunc."""

    def __init__(self, definition: pytest.Item, *names: str) -> None:
        self.definition = definition
        self.fixturenames = list(names)
        self.given: list[Target] = []

    def parametrize(self, name: str, values: list[Target], *, ids: list[str], indirect: bool, scope: str) -> None:
        assert (name, indirect, scope) == ("uitest_browser", True, "function")
        self.given = values


def test_test_gets_the_jobs_that_name_it(pytester: pytest.Pytester) -> None:
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
    parametrize(metafunc, targets(item, ("webkit",), tasks))  # type: ignore[arg-type]
    assert metafunc.given == [Target("chrome", "m1"), Target("firefox", "m2")]
    assert metafunc.fixturenames == ["uitest_browser"]
    unasked = FakeMetafunc(item, "uitest_browser")
    parametrize(unasked, targets(item, ("webkit",), []))  # type: ignore[arg-type]
    assert unasked.given == []


def test_task_without_a_test_keeps_its_place() -> None:
    """A task without a test keeps its place; it is never silently dropped."""
    task = Task(Job("m", "tc404", "chrome"), 1)
    assert match([], [task], Ids.of([])) == [(None, task)]


SHARING = """
def test_a(driver_module): pass
def test_b(driver): pass

class TestOne:
    def test_c(self, driver_class): pass
    def test_d(self, driver_class): pass

def test_e(): pass
"""


def test_tests_that_share_stay_together(pytester: pytest.Pytester) -> None:
    """Where tests share a driver, all of one engine come before those of the next, each in the order of the file."""
    per_module, per_case = SHARING, SHARING.replace("driver_module", "driver")
    words = ("--browser", "chrome,firefox")
    items, _ = pytester.inline_genitems(pytester.makepyfile(test_one=per_module), *words)
    names = [item.name for item in by_engine(items, ("chrome", "firefox"))]
    first = ["test_a[chrome]", "test_b[chrome]", "test_c[chrome]", "test_d[chrome]", "test_e"]
    assert names == first + [f"test_{letter}[firefox]" for letter in "abcd"]
    items, _ = pytester.inline_genitems(pytester.makepyfile(test_two=per_case), *words)
    names = [item.name for item in by_engine(items, ("chrome", "firefox"))]
    each = [f"test_{letter}[{browser}]" for letter in "ab" for browser in ("chrome", "firefox")]
    assert names == [*each, *(f"test_{n}[{browser}]" for browser in ("chrome", "firefox") for n in "cd"), "test_e"]
