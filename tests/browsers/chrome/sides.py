"""Two sides answer a case's commands: we, and chromedriver.

``driver.execute`` may handle a command directly, ``driver.forward_to_driver`` always sends it to chromedriver.
``directly`` is the former with chromedriver forbidden, so that a test cannot pass because nothing was handled directly.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from uitest.browsers.sessions.case_driver import CaseDriver

NewCase = Callable[[], CaseDriver]

FIELDS = (
    "<form onsubmit='return false'><input id=text value=before><input id=mail type=email value=a@b>"
    "<input id=word type=password><textarea id=area>old\nlines</textarea><label for=box id=label>label</label>"
    "<input type=checkbox id=box><button id=go>go <b id=inner>on</b></button></form>"
    "<div id=div tabindex=0>div</div><a id=link href='#x'>link</a>"
)


class AskedError(AssertionError):
    """chromedriver was asked."""


@contextmanager
def directly(driver: CaseDriver) -> Iterator[None]:
    """Nothing in the block may go to chromedriver."""

    def refuse(command: Any, params: Any) -> Any:
        raise AskedError(f"{command} went to chromedriver")

    driver.forward_to_driver = refuse  # type: ignore[method-assign]
    try:
        yield
    finally:
        del driver.forward_to_driver  # type: ignore[attr-defined]


@contextmanager
def counting(driver: CaseDriver) -> Iterator[list[str]]:
    """Which commands of the block went to chromedriver."""
    forwarded: list[str] = []
    forward = driver.forward_to_driver

    def note(command: Any, params: Any) -> Any:
        forwarded.append(command)
        return forward(command, params)

    driver.forward_to_driver = note  # type: ignore[method-assign]
    try:
        yield forwarded
    finally:
        del driver.forward_to_driver  # type: ignore[attr-defined]


def show(driver: CaseDriver, body: str) -> None:
    """Open a page with this body."""
    driver.get(page(body))


def page(body: str) -> str:
    """Address of a page with this body."""
    return "data:text/html;charset=utf-8," + quote(f"<!doctype html><title>A  title</title><body>{body}")


def both(driver: CaseDriver, command: str, **params: Any) -> Any:
    """The value of a command, which both sides agree on."""
    with directly(driver):
        ours = driver.execute(command, dict(params))["value"]
    theirs = driver.forward_to_driver(command, dict(params))["value"]
    assert ours == theirs, (command, params, ours, theirs)
    return ours
