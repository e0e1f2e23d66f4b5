"""What uitest uses of Chrome and chromedriver beyond what they document, or what they document as deprecated.

Chrome tells that a script or a link means to leave a page (``Page.frameScheduledNavigation``, deprecated since 2019).
``Page.frameRequestedNavigation`` has taken its place, but for two things that nothing else tells of: a link to a script
(``javascript:``), which runs a moment after the click, and a page that is about to refresh itself. The self-check of
direct commands clicks such a link: in a Chrome that no longer tells of it, all commands go to chromedriver.

chromedriver's ids of elements name frame, document and node. Its functions are told from other scripts by a name that
is in all of them. The self-check notices both: it looks elements up by these ids, and runs these functions.
"""

import re
from collections.abc import Mapping
from typing import Any

_ELEMENT_ID = re.compile(r"f\.([0-9A-F]+)\.d\.([0-9A-F]+)\.e\.(\d+)")


def means_to_leave(method: str, params: Mapping[str, Any]) -> bool:
    """Whether an event says that a page is to leave, or to run a script of a link, at once."""
    return method == "Page.frameScheduledNavigation" and params["delay"] == 0


def has_left_or_stays(method: str) -> bool:
    """Whether an event says that what ``means_to_leave`` announced is done, or is not to be."""
    return method == "Page.frameClearedScheduledNavigation"


def element_id(frame: str, document: str, node: int) -> str:
    """chromedriver's id of an element, by DevTools' frame, loader and backend node."""
    return f"f.{frame}.d.{document}.e.{node}"


def parts_of_element_id(text: str) -> tuple[str, str, int] | None:
    """Frame, document and node; None for what is no such id."""
    found = _ELEMENT_ID.fullmatch(text)
    return (found[1], found[2], int(found[3])) if found else None


def is_function_of_chromedriver(source: str) -> bool:
    """Whether a script that a page was sent is one that chromedriver runs for a command."""
    return "callFunction" in source
