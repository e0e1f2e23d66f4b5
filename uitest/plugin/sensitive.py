"""Skips destructive tests at sensitive addresses, like pytest-selenium.

A test counts as destructive unless it is marked ``nondestructive``. Destructive tests are skipped if the base URL, or
an address that it redirects to, matches ``--sensitive-url``. In pytest-selenium that option matches every address by
default; here nothing is skipped without it, and suites that use the mark without it get a reminder: at the end of a
plain session, and at the start of a run (``cli.checks.destructive_tests``).
"""

import os
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest

from uitest.errors import UsageError
from uitest.plugin.options import value

MARK = "nondestructive"


def pattern(config: pytest.Config) -> str | None:
    """The regular expression for sensitive addresses, from command line, configuration file or SENSITIVE_URL.

    Raises UsageError if it is invalid.
    """
    text = value(config, "sensitive-url") or config.getini("sensitive_url") or os.environ.get("SENSITIVE_URL")
    try:
        return re.compile(text).pattern if text else None
    except re.error as exc:
        raise UsageError(f"--sensitive-url {text} is not a regular expression: {exc}") from exc


def guard(sensitive: str) -> ModuleType:
    """A plugin that skips destructive tests at addresses that match this pattern."""

    @pytest.fixture(scope="session")
    def sensitive_url(base_url: str) -> str | None:
        """The first sensitive address, of the base URL and its redirects; None if there is none."""
        if not base_url:
            return None
        from uitest.plugin.redirects import redirects  # imported late, as HTTP takes long to import

        return next((url for url in [base_url, *redirects(base_url)] if re.search(sensitive, url)), None)

    @pytest.fixture(autouse=True)
    def _skip_sensitive(request: pytest.FixtureRequest, sensitive_url: str | None) -> None:
        if sensitive_url and MARK not in request.node.keywords:
            pytest.skip(
                f"destructive test at a sensitive address, {sensitive_url}: mark it with @pytest.mark.{MARK} if it "
                "changes nothing there"
            )

    plugin = ModuleType("uitest_sensitive_url")
    plugin.sensitive_url, plugin._skip_sensitive = sensitive_url, _skip_sensitive  # type: ignore[attr-defined]
    return plugin


def reminder(stats: Mapping[str, list[Any]], base_url: str | None) -> str | None:
    """The reminder for a suite that uses the mark without --sensitive-url, or None."""
    reports = [report for kind in ("passed", "failed") for report in stats.get(kind, ()) if hasattr(report, "keywords")]
    destructive = {report.nodeid for report in reports if MARK not in report.keywords}
    if not base_url or not destructive or not any(MARK in report.keywords for report in reports):
        return None
    tests = "1 test" if len(destructive) == 1 else f"{len(destructive)} tests"
    return (
        f"uitest: {tests} without @pytest.mark.{MARK} ran at {base_url}; pytest-selenium would have skipped them, "
        "as --sensitive-url '.*' does"
    )
