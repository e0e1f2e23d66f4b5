"""Shortcuts are measured with and without, in the same flows."""

import importlib.util
from collections.abc import Mapping
from typing import Any

import pytest

from bench import shortcuts
from bench.part import Conditions
from bench.peers import PLUGINS, PeerMissing
from bench.session import Measure
from uitest.compat import features
from uitest.compat.features import Feature

CONDITIONS = Conditions("http://site", "http://slow", "chrome", 2, 3, 2, 10, lambda _: None)


def test_plugin_does_without_a_feature(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the one that is named, as if its check had failed."""
    monkeypatch.setenv("BENCH_WITHOUT", "that one")
    for name in ("_is_passed", "_passed_file"):
        monkeypatch.setattr(features, name, getattr(features, name))  # to be put back
    spec = importlib.util.spec_from_file_location("without", PLUGINS / "without.py")
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    features.forget()
    assert features.works(Feature("selenium", "another", ""), lambda: True)
    with pytest.warns(UserWarning, match="that one"):
        assert not features.works(Feature("Chrome", "that one", ""), lambda: True, "1.2")
    features.forget()


def test_each_has_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row and a figure for each shortcut; one that cannot be measured says so and is no figure."""
    sides: list[tuple[str, str]] = []

    def run(peer: Any, _url: str, _binary: str, _repeats: int, _extra: Any, more: Mapping[str, str]) -> Measure:
        if "webkit" in peer.arguments:
            raise PeerMissing("it is not installed")
        without = more.get("BENCH_WITHOUT") or ("cache" if "UITEST_CACHE" in more else "")
        sides.append((peer.arguments[1], without))
        return Measure(2.0 if without else 1.0, 0.0, exact=True)

    monkeypatch.setattr(shortcuts, "install", lambda _: None)
    monkeypatch.setattr(shortcuts.session, "driver_of", lambda _: {})
    monkeypatch.setattr(shortcuts.session, "run", run)
    pairs = shortcuts.shortcuts(CONDITIONS)
    assert set(pairs.figures.values()) == {0.5}
    assert len(pairs.figures) == len(shortcuts.SHORTCUTS) - 1
    assert not pairs.whole
    assert sum("missing: it is not installed" in line for line in pairs.lines) == 1
    assert sides.count(("firefox", "cache")) == CONDITIONS.rounds
    assert sides.count(("firefox", "")) == CONDITIONS.rounds + 1
