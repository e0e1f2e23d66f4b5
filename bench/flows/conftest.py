"""Repeats every flow ``BENCH_REPEATS`` times, whatever the runner."""

import os

import pytest


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.fixturenames.append("repeat")
    metafunc.parametrize("repeat", range(int(os.environ.get("BENCH_REPEATS", "1"))))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All flows, then all flows again: any stretch of a session holds the same mix."""
    items.sort(key=lambda item: item.callspec.params["repeat"])  # type: ignore[attr-defined]
