"""Runs a program on a driver and says what came of it, in words that do not depend on the browser it ran in."""

import ast
import functools
import re
import time
from collections.abc import Mapping
from types import CodeType
from typing import Any, NamedTuple

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.remote.shadowroot import ShadowRoot
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from tests.fuzz.program import Program
from tests.fuzz.site import Site

IDS = re.compile(
    r"f\.[0-9A-F]{16,}\.d\.[0-9A-F]{16,}\.e\.\d+|\b[0-9A-Fa-f]{32}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
)
"""Ids of elements, shadow roots and windows."""

STACK = re.compile(r"\s*(?:\(Session info:|Stacktrace:|\(Driver info:|; For documentation on this error).*", re.DOTALL)
"""What a message ends with that is about the machine, and Selenium's reference to its documentation after that."""

REASON = re.compile(r": this case's browser is closed: [^;]*")
"""What we add to the driver's message."""

BEFORE = ("first = driver.current_window_handle", "driver.get(site.url + '/0')")
"""Lines that every program begins with."""

SLOW_S = 7.0
"""Below the longest time that a command may take in ``sides``."""

WINDOWS_SHOWN = 4
"""Of a program that opens more, the rest is not looked at."""

PATHS = """
const path = node => !node ? null : node.parentNode || node.host ?
  path(node.parentNode || node.host) + '>' + (node.id ? '#' + node.id : node.nodeName +
    [...(node.parentNode || node).childNodes].indexOf(node)) : node.nodeName;
"""

STATE = (
    PATHS
    + """
const see = root => {
  const made = [root.documentElement ? root.documentElement.outerHTML : root.innerHTML];
  for (const node of root.querySelectorAll('*')) {
    if ('value' in node || 'checked' in node)
      made.push([path(node), String(node.value), !!node.checked, node.selectedIndex ?? null]);
    if (node.scrollTop || node.scrollLeft) made.push([path(node), node.scrollTop, node.scrollLeft]);
    if (node.shadowRoot) made.push(see(node.shadowRoot));
    try { if (node.contentDocument) made.push(see(node.contentDocument)); } catch (error) { made.push('' + error); }
  }
  return made;
};
// Firefox fills its page about an error in bit by bit.
if (document.documentURI.startsWith('about:') && location.protocol !== 'about:') return [location.href, 'error'];
return [location.href, document.title, path(document.activeElement), see(document)];
"""
)

PATH = PATHS + "return arguments[0].isConnected ? path(arguments[0]) : 'not in the document'"


class Outcome(NamedTuple):
    """What came of one line, or of a question afterwards."""

    line: str
    result: Any
    """What it returned, or the name of the exception and its message."""
    is_slow: bool = False
    """Whether it took longer than anything takes that does not hang."""


class Names:
    """Names for ids, in the order in which they are met."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._known: dict[str, str] = {}

    def of(self, value: Any) -> Any:
        """The value without anything that differs from browser to browser."""
        if isinstance(value, WebElement | ShadowRoot):
            return f"<{type(value).__name__} {self._name(value.id if isinstance(value, WebElement) else value._id)}>"
        if isinstance(value, str):
            named = IDS.sub(lambda match: self._name(match[0]), value)
            port = self._site.url.rpartition(":")[2]
            return named.replace(f":{port}", ":PORT")
        if isinstance(value, Mapping):
            return {key: self.of(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.of(inner) for inner in value]
        return value if isinstance(value, int | float | bool | None) else type(value).__name__

    def _name(self, given: str) -> str:
        return self._known.setdefault(given, f"id{len(self._known)}")


class Run:
    """One run of a program."""

    def __init__(self, driver: WebDriver, site: Site, program: Program) -> None:
        self.outcomes: list[Outcome] = []
        """What came of the lines so far, then of what was looked at afterwards."""
        self._driver, self._program = driver, program
        self._names = Names(site)
        self._given: dict[str, Any] = {
            "driver": driver, "site": site, "Keys": Keys, "ActionChains": ActionChains, "Select": Select,
        }  # fmt: skip
        site.begin(program.pages)

    def complete(self) -> list[Outcome]:
        """Everything that came of it."""
        for line in (*BEFORE, *self._program.lines):
            self._do(line)
        self._look()
        return self.outcomes

    @property
    def hangs(self) -> bool:
        """Whether a command took so long that the driver may be at it yet: there is nothing more to learn."""
        return any(outcome.is_slow for outcome in self.outcomes)

    def _look(self) -> None:
        """How the page is afterwards: the dialog, the elements that were found, and each window."""
        self._given |= {"PATH": PATH, "STATE": STATE}
        self._do("driver.set_script_timeout(30)")  # whatever a program has set: a look may take a while
        self._do("driver.switch_to.alert.text")
        self._do("driver.switch_to.alert.accept()")
        for name in sorted(name for name, value in self._given.items() if isinstance(value, WebElement)):
            self._do(f"driver.execute_script(PATH, {name})")
        self._do("windows = driver.window_handles")
        first = len(self.outcomes)
        for number in range(min(len(self._given.get("windows", ())), WINDOWS_SHOWN)):
            self._do(f"driver.switch_to.window(windows[{number}])")
            self._do("driver.execute_script(STATE)")
            if len(self._given["windows"]) == 1:  # each of several believes that it has the focus, or not
                self._do("driver.execute_script('return document.hasFocus()')")
        # Two windows that open at the same time have either order, in plain Selenium too.
        self.outcomes[first:] = sorted(self.outcomes[first:], key=lambda outcome: (outcome.line, str(outcome.result)))

    def _do(self, line: str) -> None:
        if self.hangs:
            return
        code, target = _compiled(line)
        began = time.monotonic()
        try:
            value = eval(code, self._given)  # noqa: S307 - our own lines
            result = self._names.of(self._given[target] if target else value)
        except WebDriverException as exc:
            alert = [exc.alert_text] if hasattr(exc, "alert_text") else []
            message = REASON.sub("", STACK.sub("", exc.msg or ""))
            result = self._names.of([f"raises {type(exc).__name__}", message, *alert])
        except Exception as exc:  # whatever Selenium's own code says of a line that makes no sense
            message = str(exc).replace(type(self._driver).__name__, "WebDriver")
            result = self._names.of([f"raises {type(exc).__name__}", message])
        self.outcomes.append(Outcome(line, result, time.monotonic() - began > SLOW_S))


@functools.lru_cache(4096)
def _compiled(line: str) -> tuple[CodeType, str | None]:
    """The code of a line, and the name that it gives to its value, if it does."""
    tree = ast.parse(line)
    first = tree.body[0]
    if isinstance(first, ast.Assign) and isinstance(first.targets[0], ast.Name):
        return compile(tree, line, "exec"), first.targets[0].id
    return compile(line, line, "eval"), None
