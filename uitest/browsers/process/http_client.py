"""HTTP settings for commands to a driver: no repeated reads, and a timeout."""

import contextlib
from collections.abc import Iterator

from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3 import Retry

COMMAND_TIMEOUT_S = 120
"""Timeout of a command in seconds, as in Selenium."""


def client_config(url: str) -> ClientConfig:
    """Selenium's settings for a driver that listens on ``url``.

    By default urllib3 repeats a GET without response three times, so that the timeout of a hanging driver would be four
    times as long, and a slow driver would do the work four times.
    """
    pool = {"retries": Retry(3, read=0)}
    return ClientConfig(url, timeout=COMMAND_TIMEOUT_S, init_args_for_pool_manager={"init_args_for_pool_manager": pool})


@contextlib.contextmanager
def command_timeout(driver: WebDriver, seconds: float) -> Iterator[None]:
    """Set the timeout of each command in the block."""
    config = driver.command_executor.client_config  # type: ignore[union-attr]
    before, config.timeout = config.timeout, seconds
    try:
        yield
    finally:
        config.timeout = before
