"""pytest has what is built on; without it callers are handed what they can go on with, and one warning."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from _pytest import python
from _pytest import unittest as pytest_items

from uitest.compat import features, pytest_private, pytest_unittest

NOTHING: Any = SimpleNamespace(session=SimpleNamespace())
"""An object of a pytest that has none of the names."""


@pytest.mark.filterwarnings("error")
def test_pytest_is_as_known(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> None:
    """Each function finds its name in the pytest that runs this, and none of them warns."""
    item = request.node
    assert pytest_private.fixture_names(item.session) >= {"tmp_path", "anew"}
    (definition,) = pytest_private.fixture_definitions(item, "anew")
    assert definition.func is not None
    assert pytest_private.fixture_definitions(item, "no such fixture") == ()
    assert pytest_private.scopes_are_known()
    assert pytest_private.narrow_fixtures(item) is not None
    assert pytest_unittest.check()
    assert pytestconfig.pluginmanager.getplugin("capturemanager") is not None
    assert features.take_warnings() == []


@pytest.mark.filterwarnings("error")
def test_option_names_are_found_with_and_without_private_names() -> None:
    """Those of pytest and of plugins, short ones too; without the private names by trying each."""
    parser = pytest.Parser(_ispytest=True)
    parser.addoption("-K", "--known", action="store")
    parser.getgroup("other").addoption("--flag", action="store_true")
    parser.addini("known_ini", "help")
    wanted = ["--known", "-K", "--flag", "--free"]
    assert pytest_private.option_names(parser, wanted) == {"--known", "-K", "--flag"}
    public: Any = SimpleNamespace(parse_known_and_unknown_args=parser.parse_known_and_unknown_args)
    assert pytest_private.option_names(public, wanted) == {"--known", "-K", "--flag"}
    assert len(features.take_warnings()) == 1
    assert pytest_private.has_ini(parser, "known_ini")
    assert not pytest_private.has_ini(parser, "free_ini")


def test_options_of_another_pytest() -> None:
    """Each name is tried out."""
    parser: Any = SimpleNamespace(parse_known_and_unknown_args=lambda args: (None, args if args == ["--free"] else []))
    with pytest.warns(UserWarning, match="names of options"):
        assert pytest_private.option_names(parser, ["--free", "--taken"]) == {"--taken"}
    assert not pytest_private.has_ini(parser, "anything")


@pytest.mark.filterwarnings("ignore:pytest")
def test_fixtures_of_another_pytest() -> None:
    """None are known, and a test's own ones cannot be asked for."""
    assert pytest_private.fixture_names(NOTHING.session) == frozenset()
    assert pytest_private.fixture_definitions(NOTHING, "driver") == ()
    assert pytest_private.narrow_fixtures(NOTHING) is None
    pytest_private.fixture_finisher(NOTHING)()
    assert pytest_private.end_fixtures(NOTHING, None) is None
    pytest_private.name_folders(NOTHING, NOTHING, [])
    warnings = features.take_warnings()
    assert len(warnings) == len(set(warnings)) == 5
    assert all(
        warning.startswith(f"pytest {pytest.__version__} does not behave as uitest knows it") for warning in warnings
    )


def test_captured_output_of_another_pytest() -> None:
    """It stays as it is."""
    config: Any = SimpleNamespace(pluginmanager=SimpleNamespace(getplugin=lambda _: SimpleNamespace()))
    with pytest.warns(UserWarning, match="captured output"):
        pytest_private.restart_capture(config)


def test_scopes_of_another_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter's scope is said when it is made."""
    fields = {name: definition for name, definition in call_spec().__dataclass_fields__.items() if name != "_arg2scope"}
    monkeypatch.setattr(call_spec(), "__dataclass_fields__", fields)
    with pytest.warns(UserWarning, match="scopes of parameters"):
        assert not pytest_private.scopes_are_known()
    with pytest.raises(AssertionError):
        assert pytest_unittest.check()


@pytest.mark.parametrize("name", ["_getinstance", "runtest"])
def test_test_cases_of_another_pytest(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The check of methods of TestCase fails."""
    monkeypatch.setattr(pytest_items.TestCaseFunction, name, None)
    assert not pytest_unittest.check()


def call_spec() -> Any:
    return pytest_private.call_spec_class()


def test_call_spec_under_either_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest 9.2 has given it another one."""
    known, names = call_spec(), vars(python)
    for name in ("CallSpec", "CallSpec2"):
        monkeypatch.delitem(names, name, raising=False)
    for name in ("CallSpec", "CallSpec2"):
        with monkeypatch.context() as patch:
            patch.setitem(names, name, known)
            assert call_spec() is known


@pytest.mark.parametrize("expression", ["", "sample", "not slow and (one or two)"])
def test_right_expression_has_no_problem(expression: str) -> None:
    """An empty one matches everything."""
    assert pytest_private.keywords_problem(expression) == ""


@pytest.mark.parametrize("expression", ["((", "one two", "and"])
def test_wrong_expression_has_a_problem(expression: str) -> None:
    """In pytest's words, on one line."""
    assert len(pytest_private.keywords_problem(expression).splitlines()) == 1


def test_expressions_of_another_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known to be wrong."""
    monkeypatch.setitem(sys.modules, "_pytest.mark.expression", None)
    with pytest.warns(UserWarning, match="expressions of -k"):
        assert pytest_private.keywords_problem("((") == ""
