"""A pytest plugin for ``context``: what pytest measured of each phase, as lines of JSON in ``BENCH_PHASES``.

pytest's own clock starts and stops around the phase alone, so what this plugin does is not measured.
"""

import json
import os
from pathlib import Path

import pytest


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    with Path(os.environ["BENCH_PHASES"]).open("a") as out:
        out.write(json.dumps({"case": report.nodeid, "phase": report.when, "seconds": report.duration}) + "\n")
