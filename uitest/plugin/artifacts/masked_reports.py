"""Masks secrets in pytest's reports of tests and files, and in its header.

This happens before other plugins read the reports, so that terminal, JUnit file and all other reports are masked.
Trade-off: output that pytest does not capture (``-s``) is not masked.
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
        """Mask the report of a phase of a test."""
        self._mask(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Mask the report of a collected file."""
        self._mask(report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_report_header(self) -> Generator[None, list[Any], Any]:
        """Mask the header, which contains the address under test."""
        return self._masked((yield))

    def _mask(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if not report.longrepr and not report.sections:
            return
        hook = self._config.hook
        data = hook.pytest_report_to_serializable(config=self._config, report=report)
        hidden = self._masked(data)
        if hidden != data:
            masked_report = hook.pytest_report_from_serializable(config=self._config, data=hidden)
            report.longrepr, report.sections = masked_report.longrepr, masked_report.sections

    def _masked(self, value: Any) -> Any:
        secrets = options.secrets(self._config)

        def walk(value: Any) -> Any:
            if isinstance(value, str):
                return masked(value, secrets)
            if isinstance(value, dict):
                return {key: walk(item) for key, item in value.items()}
            # A skip's description must stay a tuple, as xdist uses it as a dictionary key.
            return type(value)(walk(item) for item in value) if isinstance(value, list | tuple) else value

        return walk(value)
