"""Takes the secrets out of what pytest prints and writes: reports of tests and files, and the header's lines.

Before any other plugin sees them, so that terminal, JUnit file and every other report of pytest have them masked.
Trade-off: what a test prints while pytest does not capture it (``-s``) is printed as it is.
"""

from collections.abc import Generator
from typing import Any

import pytest

from uitest.masking import masked
from uitest.plugin import options


class MaskedReports:
    """The pytest plugin object."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase of a test."""
        self._mask(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that was collected, or could not be."""
        self._mask(report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_report_header(self) -> Generator[None, list[Any], Any]:
        """The address under test is among these lines."""
        return self._masked((yield))

    def _mask(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if not report.longrepr and not report.sections:
            return
        hook = self._config.hook
        data = hook.pytest_report_to_serializable(config=self._config, report=report)
        hidden = self._masked(data)
        if hidden != data:
            made = hook.pytest_report_from_serializable(config=self._config, data=hidden)
            report.longrepr, report.sections = made.longrepr, made.sections

    def _masked(self, value: Any) -> Any:
        secrets = options.secrets(self._config)

        def walk(value: Any) -> Any:
            if isinstance(value, str):
                return masked(value, secrets)
            if isinstance(value, dict):
                return {key: walk(one) for key, one in value.items()}
            # A skip's description is a tuple, and must stay one: xdist looks it up in a dictionary.
            return type(value)(walk(one) for one in value) if isinstance(value, list | tuple) else value

        return walk(value)
