"""Names elements by the selector with which the case found them."""

from collections.abc import Mapping
from typing import Any

from selenium.webdriver.remote.shadowroot import ShadowRoot
from selenium.webdriver.remote.webelement import WebElement

from uitest.trace.selectors import selector

MAX_ELEMENTS = 10_000
"""Maximum number of remembered elements; the oldest are dropped first."""


class Elements:
    """Names of the elements that earlier commands returned."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def name(self, element: str) -> str:
        """The name of an element, by the selector that found it."""
        return self._names.get(element, "an element")

    def searched(self, params: Mapping[str, Any]) -> str:
        """The selector of a search, with the name of the element in which it searches."""
        searched = selector(params["using"], str(params["value"]))
        inside = params.get("id") or params.get("shadowId")
        return f"{self.name(inside)} >> {searched}" if inside else searched

    def remember(self, name: str, answer: Any) -> None:
        """Give this name to the elements in a command's result, except to those that have one."""
        if isinstance(answer, WebElement | ShadowRoot):
            if answer.id not in self._names:
                self._names[answer.id] = name
                if len(self._names) > MAX_ELEMENTS:
                    del self._names[next(iter(self._names))]
        elif isinstance(answer, list):
            for number, item in enumerate(answer, 1):
                self.remember(f"{name} ({number})", item)
