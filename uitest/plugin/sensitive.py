"""Tests that change data, kept away from sites where that would hurt, as pytest-selenium does it.

There a test counts as destructive unless it is marked ``nondestructive``. Destructive tests are skipped where the base
URL, or an address that it redirects to, matches ``--sensitive-url``, which matches every address if it is not given.
Here nothing is skipped until it is given; a suite that uses the mark without it is reminded.
"""

import logging
import os
import re
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from types import ModuleType
from typing import Any

import pytest

from uitest import log
from uitest.errors import UsageError
from uitest.plugin.options import value

LOGGER = logging.getLogger(__name__)

MARK = "nondestructive"
ANSWER_S = 10.0


def pattern(config: pytest.Config) -> str | None:
    """What makes an address sensitive, from the command line, the configuration file or SENSITIVE_URL.

    Raises UsageError if it is no regular expression.
    """
    found = value(config, "sensitive-url") or config.getini("sensitive_url") or os.environ.get("SENSITIVE_URL")
    try:
        return re.compile(found).pattern if found else None
    except re.error as exc:
        raise UsageError(f"--sensitive-url {found} is no regular expression: {exc}") from exc


def guard(sensitive: str) -> ModuleType:
    """A plugin that skips destructive tests at addresses of this pattern."""

    @pytest.fixture(scope="session")
    def sensitive_url(base_url: str) -> str | None:
        """The first address that is sensitive: the base URL or one that it redirects to; None if there is none."""
        if not base_url:
            return None
        return next((url for url in [base_url, *_redirects(base_url)] if re.search(sensitive, url)), None)

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


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Notes where an address leads to."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        self.urls.append(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _redirects(url: str) -> Iterator[str]:
    """The addresses that an address leads to, as far as they answer."""
    redirects = _Redirects()
    with (
        log.suppress(LOGGER, f"{url} does not answer", OSError, ValueError, HTTPException),
        urllib.request.build_opener(redirects).open(url, timeout=ANSWER_S),
    ):
        pass
    yield from redirects.urls


def reminder(stats: Mapping[str, list[Any]], base_url: str | None) -> str | None:
    """What to say of a suite that uses the mark after its tests have run at an address that nobody called sensitive."""
    reports = [one for kind in ("passed", "failed") for one in stats.get(kind, ()) if hasattr(one, "keywords")]
    destructive = {one.nodeid for one in reports if MARK not in one.keywords}
    if not base_url or not destructive or not any(MARK in one.keywords for one in reports):
        return None
    tests = "1 test" if len(destructive) == 1 else f"{len(destructive)} tests"
    return (
        f"uitest: {tests} without @pytest.mark.{MARK} ran at {base_url}; pytest-selenium would have skipped them, "
        "as --sensitive-url '.*' does"
    )
