"""Names for elements: how a case found them."""

import re
from collections.abc import Mapping
from typing import Any

from selenium.webdriver.remote.shadowroot import ShadowRoot
from selenium.webdriver.remote.webelement import WebElement

MOST = 10_000
"""Elements that are remembered; the oldest go first."""

SHORT = re.compile(r'\[id="([A-Za-z][\w-]*)"\]')
"""What Selenium makes of an id."""

LINKS = {"link text": "link “{}”", "partial link text": "link with “{}”"}


class Elements:
    """Remembers answers to searches."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def name(self, element: str) -> str:
        """How the element was found."""
        return self._names.get(element, "an element")

    def searched(self, params: Mapping[str, Any]) -> str:
        """What a search looks for, with what it looks in."""
        using, value = params["using"], str(params["value"])
        said = LINKS[using].format(value) if using in LINKS else SHORT.sub(r"#\1", value)
        inside = params.get("id") or params.get("shadowId")
        return f"{self.name(inside)} >> {said}" if inside else said

    def remember(self, name: str, answer: Any) -> None:
        """Whatever elements the answer to a command holds are called so from now on, unless they have a name."""
        if isinstance(answer, WebElement | ShadowRoot):
            if answer.id not in self._names:
                self._names[answer.id] = name
                if len(self._names) > MOST:
                    del self._names[next(iter(self._names))]
        elif isinstance(answer, list):
            for number, one in enumerate(answer, 1):
                self.remember(f"{name} ({number})", one)
