"""Undocumented and deprecated parts of Chrome and chromedriver that uitest depends on.

Chrome announces that a script or a link is about to leave a page (``Page.frameScheduledNavigation``, deprecated since
2019). Its replacement ``Page.frameRequestedNavigation`` is not sent in two cases: for a link to a script
(``javascript:``), which runs a moment after the click, and for a page that is about to refresh itself. The self-check
of direct commands clicks such a link: in a Chrome that no longer announces it, all commands go to chromedriver.

chromedriver's ids of elements name frame, document and node. Its functions are recognised by a name that all of
them contain. The self-check covers both: it looks up elements by these ids and runs these functions.
"""

import re
from collections.abc import Mapping
from typing import Any

_ELEMENT_ID = re.compile(r"f\.([0-9A-F]+)\.d\.([0-9A-F]+)\.e\.(\d+)")


def means_to_leave(method: str, params: Mapping[str, Any]) -> bool:
    """Whether an event announces that the page leaves, or runs the script of a link, at once."""
    return method == "Page.frameScheduledNavigation" and params["delay"] == 0


def has_left_or_stays(method: str) -> bool:
    """Whether an event ends what ``means_to_leave`` announced: the page has left, or it stays."""
    return method == "Page.frameClearedScheduledNavigation"


def element_id(frame: str, document: str, node: int) -> str:
    """chromedriver's id of an element, by DevTools' frame, loader and backend node."""
    return f"f.{frame}.d.{document}.e.{node}"


def parts_of_element_id(text: str) -> tuple[str, str, int] | None:
    """Frame, document and node of an element id; None for any other text."""
    match = _ELEMENT_ID.fullmatch(text)
    return (match[1], match[2], int(match[3])) if match else None


def is_function_of_chromedriver(source: str) -> bool:
    """Whether a script sent to a page is one that chromedriver runs for a command."""
    return "callFunction" in source
