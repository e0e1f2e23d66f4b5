"""What a worker of pytest-xdist tells its controller, whatever its cases say.

execnet, which carries it, cannot send a lone surrogate: an assertion message with one of them, or a warning, or a name
of a file, ends the worker, and xdist gives up once no worker is left.
"""

from typing import Any

import execnet
import pytest

from uitest.compat import xdist_private
from uitest.plugin.text import sendable


class Channel:
    """An execnet channel that sends what it can."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel

    def send(self, message: Any) -> None:
        """Send it as it is, else with escapes for what cannot be sent."""
        try:
            self._channel.send(message)
        except execnet.DumpError:
            self._channel.send(sendable(message))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)


def make_robust(config: pytest.Config) -> None:
    """In a worker of xdist, send by way of such a channel; elsewhere nothing."""
    plugin = xdist_private.reporting_plugin(config)
    if plugin is not None:
        plugin.channel = Channel(plugin.channel)
