"""Contexts without a runner: ``python -m bench.empty COUNT [URL]``, for ``floor``.

Asks Chrome over bare DevTools for what isolation cannot do without: a context, a window in it, a page if there is an
address, and their end. No case, no command, nothing that is heard.
"""

import sys

from uitest.browsers import start
from uitest.browsers.cdp.transport import Transport
from uitest.browsers.engines import chrome


def main() -> None:
    """One context after the other."""
    count, *address = sys.argv[1:]
    driver = start("chrome")
    try:
        wire = Transport(chrome.devtools_url(driver))
        for _ in range(int(count)):
            context = wire.call("Target.createBrowserContext", disposeOnDetach=True)["browserContextId"]
            target = wire.call("Target.createTarget", url="about:blank", browserContextId=context, newWindow=True)
            if address:
                visit(wire, target["targetId"], address[0])
            wire.call("Target.disposeBrowserContext", browserContextId=context)
    finally:
        driver.quit()


def visit(wire: Transport, target: str, address: str) -> None:
    """Open a page and wait until it is whole."""
    session = wire.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    wire.calls([("Page.enable", {}), ("Page.navigate", {"url": address})], session)
    while not any(event["method"] == "Page.loadEventFired" for event in wire.take_events()):
        wire.listen(30)


if __name__ == "__main__":
    main()
