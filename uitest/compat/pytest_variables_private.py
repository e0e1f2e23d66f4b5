"""The undocumented part of pytest-variables that uitest depends on: where it keeps what it has read."""

import sys
from collections.abc import Mapping
from typing import Any

import pytest

from uitest.compat.features import Feature, warn

VARIABLES = Feature("pytest-variables", "what it has read", "capabilities in the files of --variables are not used")

PLUGIN = "pytest_variables.plugin"


def variables(config: pytest.Config) -> Mapping[str, Any]:
    """What pytest-variables has read from the files of ``--variables``; empty where it is not loaded or read none."""
    plugin = sys.modules.get(PLUGIN)
    if plugin is None or not config.getoption("variables", None):
        return {}
    key = getattr(plugin, "variables_key", None)
    loaded = config.stash.get(key, None) if isinstance(key, pytest.StashKey) else None
    if not isinstance(loaded, Mapping):
        warn(VARIABLES)
        return {}
    return loaded
