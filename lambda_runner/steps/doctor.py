"""Step ``doctor``, for ``uitest doctor --function``: makes the sample case of this package with one engine.

The case runs as those of a run do, in a fork with this function's variables and a fresh browser, but without a store:
it needs neither tables nor a bucket, nor the case files of the image.
"""

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lambda_runner import forked_session
from lambda_runner.clean_session import clean_session
from lambda_runner.steps.dispatch import text
from uitest.executors import pytest_session
from uitest.jobs.plan import check_browsers
from uitest.short_text import first_line
from uitest.system.home_dirs import make_homes

LIMIT_S = 90.0
"""Time for an engine: with the start of a container it stays below the 120 s for which the caller waits."""

CASE = Path(__file__).with_name("sample_case.py")


class Observer:
    """A pytest plugin that writes what is reported of the case to a file, whatever becomes of the session."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: dict[str, Any] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the duration of each phase, the browser's version, and the first failure."""
        self._seen |= {f"{report.when}_s": round(report.duration, 2), **dict(report.user_properties)}
        if report.failed and "message" not in self._seen:
            crash = getattr(report.longrepr, "reprcrash", None)
            self._seen["message"] = first_line(str(crash.message if crash is not None else report.longrepr))
        self._file.write_text(json.dumps(self._seen))


def handle(event: Mapping[str, Any]) -> dict[str, Any]:
    """Returns ``works``, ``start_s`` (of the browser) and ``case_s`` or None, ``version``, ``message`` if it failed.

    Raises UsageError for an unknown browser.
    """
    [browser] = check_browsers([text(event, "browser")])
    with clean_session(reuse_browser=False) as (folder, _):
        seen, output, settings = folder / "seen.json", folder / "output.txt", folder / "pytest.ini"
        settings.write_text("[pytest]\n")  # no settings but these: there are none of a user's suite around this case
        arguments = [
            str(CASE),
            f"--uitest-browser={browser}",
            f"-c{settings}", f"--rootdir={folder}",
            "-p", "no:cacheprovider", "--noconftest", "--numprocesses=0",
            "--uitest-screenshot=off", f"--uitest-artifacts={folder / 'artifacts'}",
            "-q", "--tb=short", "--no-header", "--color=no",
            "-W", "ignore::pytest.PytestAssertRewriteWarning",
        ]  # fmt: skip
        homes, until = make_homes(folder), time.monotonic() + LIMIT_S
        code = forked_session.run(arguments, folder, homes, output, until, [Observer(seen)])
        timings: dict[str, Any] = json.loads(seen.read_text()) if seen.exists() else {}
        printed = output.read_text(errors="replace") if output.exists() else ""
    works = code == os.EX_OK and "call_s" in timings
    message = "" if works else timings.get("message") or _why(code, printed)
    return {
        "works": works,
        "start_s": timings.get("setup_s"),
        "case_s": timings.get("call_s"),
        "version": timings.get("version", ""),
        "message": message,
    }


def _why(code: int | None, output: str) -> str:
    """Why the session ended without a verdict of its case."""
    if code is None:
        return f"did not end within {LIMIT_S:.0f} s"
    return f"pytest stopped with exit code {code}: {pytest_session.reason(output)}"
