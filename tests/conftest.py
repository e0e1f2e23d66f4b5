"""What every test may use; ``pytester`` runs pytest inside pytest."""

import signal

import pytest

pytest_plugins = ["pytester"]


def pytest_configure(config: pytest.Config) -> None:
    """A shell starts what it puts in the background with Ctrl-C ignored, and tests send it to their processes."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
