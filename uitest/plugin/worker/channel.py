"""Keeps lone surrogates in messages from ending a worker of pytest-xdist.

execnet cannot send a lone surrogate: one in an assertion message, a warning or a file name ends the worker, and xdist
stops when no worker is left.
"""

from typing import Any

import execnet
import pytest

from uitest.compat import xdist_private
from uitest.plugin.text import sendable


class Channel:
    """An execnet channel that escapes text that cannot be sent."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel

    def send(self, message: Any) -> None:
        """Send the message, with escapes if it cannot be sent unchanged."""
        try:
            self._channel.send(message)
        except execnet.DumpError:
            self._channel.send(sendable(message))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)


def make_robust(config: pytest.Config) -> None:
    """In a worker of xdist, replace its channel by such a channel; elsewhere do nothing."""
    plugin = xdist_private.reporting_plugin(config)
    if plugin is not None:
        plugin.channel = Channel(plugin.channel)
