"""How commands travel to a driver: with one try and an end to waiting."""

import contextlib
from collections.abc import Iterator

from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3 import Retry

LONGEST_S = 120
"""Seconds a command may take before its driver counts as hung; the same as Selenium's own."""


def client_config(url: str) -> ClientConfig:
    """Selenium's settings for a driver that listens on ``url``.

    urllib3 sends a GET that got no answer three more times. A driver that hangs would be asked for four times
    as long as we are willing to wait, and one that is merely slow would do the work four times.
    """
    pool = {"retries": Retry(3, read=0)}
    return ClientConfig(url, timeout=LONGEST_S, init_args_for_pool_manager={"init_args_for_pool_manager": pool})


@contextlib.contextmanager
def command_timeout(driver: WebDriver, seconds: float) -> Iterator[None]:
    """Wait at most ``seconds`` for each answer to a command of the block."""
    config = driver.command_executor.client_config  # type: ignore[union-attr]
    before, config.timeout = config.timeout, seconds
    try:
        yield
    finally:
        config.timeout = before
