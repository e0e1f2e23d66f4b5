"""What pytest-variables has read is used, and another version of it costs a warning."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from uitest.compat import features, pytest_variables_private
from uitest.compat.pytest_variables_private import variables

KEY = pytest.StashKey[dict[str, Any]]()


def config(*, files: bool = True, stored: object = None) -> Any:
    """A configuration of pytest, with the file of ``--variables`` and what the plugin has kept."""
    stash = pytest.Stash()
    if stored is not None:
        stash[KEY] = stored  # type: ignore[assignment]
    return SimpleNamespace(stash=stash, getoption=lambda _name, _default: ["v.json"] if files else [])


@pytest.mark.filterwarnings("error")
def test_variables_are_those_of_the_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """None without the plugin or without a file."""
    monkeypatch.delitem(sys.modules, pytest_variables_private.PLUGIN, raising=False)
    assert variables(config(stored={"a": 1})) == {}
    monkeypatch.setitem(sys.modules, pytest_variables_private.PLUGIN, SimpleNamespace(variables_key=KEY))  # type: ignore[arg-type]
    assert variables(config(stored={"a": 1})) == {"a": 1}
    assert variables(config(files=False)) == {}
    assert features.take_warnings() == []


@pytest.mark.parametrize(
    ("plugin", "stored"), [({}, {"a": 1}), ({"variables_key": "text"}, {"a": 1}), ({"variables_key": KEY}, [1])]
)
def test_variables_of_another_version_are_not_used(
    monkeypatch: pytest.MonkeyPatch, plugin: dict[str, object], stored: object
) -> None:
    """Without the key, with one of another type, or with something else behind it; a warning says so."""
    monkeypatch.setitem(sys.modules, pytest_variables_private.PLUGIN, SimpleNamespace(**plugin))  # type: ignore[arg-type]
    with pytest.warns(UserWarning, match=r"^pytest-variables .* does not behave .*capabilities in the files"):
        assert variables(config(stored=stored)) == {}
