"""Fresh user contexts of Chrome, over the browser's DevTools socket, and what of chromedriver's work is done there.

The DevTools socket makes a context in half the time of BiDi on Chrome and needs no mapper tab.
"""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from selenium.webdriver.chrome.options import Options
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver

from uitest.browsers import locate
from uitest.browsers.client import LONGEST_S
from uitest.browsers.direct import ACTS, Direct, learn_text_script
from uitest.browsers.isolation import NotOurs
from uitest.browsers.lens import PageLens
from uitest.browsers.page import Page
from uitest.browsers.wire import Wire
from uitest.errors import BrowserError

if TYPE_CHECKING:
    from uitest.browsers.warm import CaseDriver

IN_CONTEXT = frozenset(
    {
        "Browser.grantPermissions",
        "Browser.resetPermissions",
        "Browser.setDownloadBehavior",
        "Browser.setPermission",
        "Storage.clearCookies",
        "Storage.getCookies",
        "Storage.setCookies",
    }
)
"""DevTools commands that take a ``browserContextId`` and mean the default context, not the page's, without one.
https://chromedevtools.github.io/devtools-protocol/tot/Browser/"""


@dataclass(frozen=True)
class How:
    """What cases in one Chrome are served with."""

    direct: bool
    """Whether plain commands are answered without chromedriver."""
    waits: bool
    """Whether ``get`` waits for the whole page and dialogs are dismissed, as in WebDriver unless told otherwise."""
    text_script: str | None
    """See ``direct.learn_text_script``."""


class ChromeContext:
    """One case's browser context, on a socket of its own: what it hears is about this case."""

    def __init__(self, url: str, size: tuple[int, int], downloads: str | None, how: "How") -> None:
        """Make the context and its first window; ``downloads`` is where files go, else ``allow_downloads`` says."""
        self._size, self._how = size, how
        self._page: Direct | None = None
        self._plain: Page | None = None
        """The window that is seen, where commands are chromedriver's; attached to when it is looked at."""
        self._actions = False
        self._in_frame = False
        self._own_timeouts = False
        self._wire = Wire(url, timeout=LONGEST_S)
        try:
            self._id: str = self._wire.call("Target.createBrowserContext", disposeOnDetach=True)["browserContextId"]
            behavior = {"behavior": "allow", "downloadPath": downloads} if downloads else {"behavior": "deny"}
            self._wire.post("Browser.setDownloadBehavior", browserContextId=self._id, **behavior)
            self.window = self._create("window")  # full Chrome opens no tab in an empty context
            self._look_at(self.window)
        except BaseException:
            self._wire.close()
            raise

    def is_served(self) -> bool:
        """Whether commands are answered before chromedriver knows of the window. Raises BrowserError."""
        if self._page is None:
            return False
        self._page.page.call("Runtime.evaluate", expression="1")  # the browser may have died since
        return True

    def answer(self, driver: "CaseDriver", command: Any, params: dict[str, Any]) -> Any:
        """The value of a command that needs no chromedriver. Raises NotOurs."""
        if command == Command.SWITCH_TO_FRAME:
            self._in_frame = params.get("id") is not None
        elif command == Command.SWITCH_TO_PARENT_FRAME:
            self._in_frame = True  # or not: nobody counts
        elif command == Command.SWITCH_TO_WINDOW:
            self._in_frame = False
            self._look_at(params["handle"])
        elif command == Command.W3C_ACTIONS:
            self._actions = True  # keys and buttons may stay pressed from here on
        elif command == Command.SET_TIMEOUTS:
            self._own_timeouts = True
        elif self._page is not None and not self._in_frame:
            return self._answer(self._page, driver, command, params)
        raise NotOurs

    def _answer(self, page: Direct, driver: "CaseDriver", command: Any, params: dict[str, Any]) -> Any:
        if page.page.dialog is not None and not driver.is_shown:
            return page.early_dialog(command, params)
        if command == Command.GET:
            if self._own_timeouts or not self._how.waits:
                raise NotOurs
            return page.go(params["url"])
        if command not in ACTS:
            return page.answer(command, params)
        if self._actions:
            raise NotOurs
        driver.await_shown()  # a dialog that opens now is chromedriver's to answer: it must be there
        if page.act(command, params):
            # What every command of chromedriver's does: wait until the page it leads to is there.
            WebDriver.execute(driver, Command.GET_TITLE)
        return None

    def _look_at(self, window: str) -> None:
        self._seen, self._page, self._plain = window, None, None
        if self._how.direct:
            with contextlib.suppress(BrowserError):  # chromedriver may see more than we do
                self._page = Direct(Page(self._wire, window), self._how.text_script)

    def within(self, command: Any, params: dict[str, Any]) -> dict[str, Any] | None:
        """DevTools commands that can be limited to the context, limited to it."""
        if command != "executeCdpCommand" or params.get("cmd") not in IN_CONTEXT:
            return None
        return {**params, "params": {**params.get("params", {}), "browserContextId": self._id}}

    def nap(self, seconds: float) -> None:
        """Sleep so long, or until something in the page has changed."""
        give_up = time.monotonic() + seconds
        try:
            if self._page is not None and not self._in_frame and self._page.page.is_quiet():
                self._page.page.await_change(seconds)
                return
        except BrowserError:
            pass  # it is loading, or hangs, or is gone: whoever waits will see
        time.sleep(max(0.0, give_up - time.monotonic()))

    def lens(self) -> PageLens:
        """Looks at the window that is seen, over DevTools."""
        return PageLens(self._watched)

    def _watched(self, seconds: float) -> Page:
        if self._page is not None:
            return self._page.page
        self._plain = self._plain or Page(self._wire, self._seen, seconds)
        return self._plain

    def windows(self) -> set[str]:
        """Handles of its windows."""
        targets = self._wire.call("Target.getTargets")["targetInfos"]
        return {target["targetId"] for target in targets if target.get("browserContextId") == self._id}

    def open(self, kind: str) -> str:
        """Handle of a new window; ``kind`` is ``tab`` or ``window``."""
        return self._create(kind)

    def _create(self, kind: str) -> str:
        as_window = kind == "window"
        size = dict(zip(("width", "height"), self._size, strict=True)) if as_window else {}  # a tab has its window's
        target: str = self._wire.call(
            "Target.createTarget", url="about:blank", browserContextId=self._id, newWindow=as_window, **size
        )["targetId"]
        return target

    def allow_downloads(self, folder: Path) -> None:
        """Let it download into ``folder`` without asking."""
        self._wire.call(
            "Browser.setDownloadBehavior",
            behavior="allow",
            browserContextId=self._id,
            downloadPath=str(folder),
        )

    def remove(self) -> None:
        """Close its windows and forget all it kept."""
        try:
            self._wire.call("Target.disposeBrowserContext", browserContextId=self._id)
        finally:
            self.close()

    def close(self) -> None:
        """Hang up."""
        self._wire.close()


class ChromeContexts:
    """Browser contexts of one Chrome."""

    forbidden_commands = frozenset({"setNetworkConditions", "setPermissions", "addVirtualAuthenticator", "launchApp"})
    """Commands whose effect outlives a context, so the browser is replaced after the case that used them."""

    dismisses = False

    def __init__(self, url: str, driver: WebDriver, made: Options, size: tuple[int, int], *, direct: bool) -> None:
        self._url = url
        self._size = size
        self._downloads: str | None = made.experimental_options.get("prefs", {}).get("download.default_directory")
        self.ahead = locate.is_shell(made.binary_location)  # a new window of the full browser takes the focus
        self._made: WeakSet[ChromeContext] = WeakSet()
        # A finger is not a mouse: chromedriver taps where a device is described.
        direct = direct and "mobileEmulation" not in made.experimental_options
        text_script = None
        if direct:
            wire = Wire(url)
            text_script = learn_text_script(wire, driver)
            wire.close()
        waits = made.page_load_strategy == "normal" and "unhandledPromptBehavior" not in made.capabilities
        self._how = How(direct, waits, text_script)

    def create(self) -> ChromeContext:
        """A fresh context with a window."""
        made = ChromeContext(self._url, self._size, self._downloads, self._how)
        self._made.add(made)
        return made

    def console(self, driver: WebDriver) -> list[str]:
        """Console lines since they were last taken, oldest first."""
        return [f"{entry['level']} {entry['message']}" for entry in driver.get_log("browser")]  # type: ignore[attr-defined]

    def drop_console(self, driver: WebDriver) -> None:
        """Forget the lines of a case that passed, so that they neither leak nor pile up."""
        driver.execute("getLog", {"type": "browser"})

    def close(self) -> None:
        """Hang up in each context."""
        for context in list(self._made):
            context.close()
