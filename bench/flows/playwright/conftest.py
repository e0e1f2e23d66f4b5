"""Tells pytest-playwright which Chrome to start, so that it needs no browser of its own."""

import os

import pytest


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The binary and the arguments every runner uses, beside Playwright's own."""
    return {
        **browser_type_launch_args,
        "executable_path": os.environ["BENCH_CHROME"],
        "args": os.environ["BENCH_ARGUMENTS"].split(),
    }
