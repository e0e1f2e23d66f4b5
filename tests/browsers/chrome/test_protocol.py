"""What is asked of Chrome over DevTools is in the protocol that this Chrome describes, and is meant to stay there."""

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from uitest import browsers
from uitest.browsers.engines.chrome import devtools_url
from uitest.browsers.engines.chrome.cdp_scopes import IN_CONTEXT, OF_STORAGE
from uitest.browsers.sessions.shared_browser import SharedBrowser

PACKAGE = Path(browsers.__file__).parents[1]

DEPRECATED = {
    "Page.frameScheduledNavigation": "compat.chrome_private: told by nothing else; the self-check notices its end",
    "Page.frameClearedScheduledNavigation": "the same",
}
"""Events that we listen to though they are deprecated, and why."""


@pytest.fixture(scope="module")
def protocol(chrome: SharedBrowser) -> dict[str, Any]:
    """Commands and events of this Chrome, by name."""
    address = urlsplit(devtools_url(chrome.driver)).netloc
    with urllib.request.urlopen(f"http://{address}/json/protocol", timeout=10) as answer:
        described = json.load(answer)
    return {
        f"{domain['domain']}.{entry['name']}": {
            **entry,
            "deprecated": domain.get("deprecated") or entry.get("deprecated"),
        }
        for domain in described["domains"]
        for kind in ("commands", "events")
        for entry in domain.get(kind, ())
    }


def used() -> Iterator[str]:
    """The names in our code that look like one of the protocol's, but for those that a case may send."""
    domains = "Browser|DOM|Debugger|Emulation|Input|Inspector|Log|Network|Page|Runtime|Storage|Target"
    for path in PACKAGE.rglob("*.py"):
        yield from re.findall(rf'"((?:{domains})\.[a-z]\w+)"', path.read_text())


def test_commands_and_events_are_in_the_protocol(protocol: dict[str, Any]) -> None:
    """Each command that is sent and each event that is heard."""
    assert len(set(used())) > 50
    assert set(used()) - protocol.keys() == set()


def test_only_known_names_are_deprecated(protocol: dict[str, Any]) -> None:
    """What Chrome means to remove is known, and has a fallback."""
    ours = set(used()) - ((IN_CONTEXT | OF_STORAGE) - {"Browser.setDownloadBehavior"})
    assert {name for name in ours if protocol[name]["deprecated"]} == DEPRECATED.keys()
