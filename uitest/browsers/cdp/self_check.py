"""Whether direct commands behave in this Chrome as in those they were tested with.

A page of our own is asked what is known of it. That takes a tenth of a second and is done once for each version
(``compat.features``). Where an answer is another, all commands go to chromedriver.
"""

from typing import Any
from urllib.parse import quote

from selenium.webdriver.remote.command import Command

from uitest.browsers.cdp.atoms import Scripts
from uitest.browsers.cdp.commands import DirectCommands
from uitest.browsers.cdp.console import Console
from uitest.browsers.cdp.page_session import PageSession
from uitest.browsers.cdp.transport import Transport
from uitest.browsers.cdp.user_script import keep_originals
from uitest.browsers.sessions.element_references import ELEMENT
from uitest.compat.features import Feature, works

PAGE = "data:text/html," + quote(
    "<!doctype html><title>Check</title><p id=words class=big>some <b style='text-transform:uppercase'>words</b></p>"
    "<input id=field><input id=box type=checkbox>"
    "<select><option>1<option id=second>2</select>"
    "<button id=press onclick='document.title = \"Pressed\"'>press</button>"
    "<a id=script href='javascript:void(document.title=\"Ran\")'>script</a>"
    "<button id=ask onclick='document.title = confirm(\"Sure?\")'>ask</button>"
)

DIRECT = Feature("Chrome", "direct commands", "all commands go to chromedriver, as with --commands driver")

KNOWN: list[Any] = [
    "Check", PAGE, "p", "some WORDS", "big", "block", True, 2, {"a": [1, None, "words"]},
    "Pressed", "aB 1", True, True, True, "Ran", "Sure?", "true", "Check",
]  # fmt: skip
"""What the page answers."""


def direct_commands_work(url: str, scripts: Scripts, version: str) -> bool:
    """Whether they do in the Chrome whose DevTools socket is at ``url``; warns once if not."""

    def check() -> bool:
        wire = Transport(url)
        try:
            return _passes(wire, scripts)
        finally:
            wire.close()

    return works(DIRECT, check, version)


def _passes(wire: Transport, scripts: Scripts) -> bool:
    """Whether the page answers as it should, in a context of its own."""
    context = wire.call("Target.createBrowserContext")["browserContextId"]
    try:
        made = wire.call("Target.createTarget", url="about:blank", browserContextId=context, newWindow=True)
        page = PageSession(wire, made["targetId"], Console(), [], preload=keep_originals(scripts.run))
        page.unattended = True
        return _told(DirectCommands(page, scripts)) == KNOWN
    finally:
        wire.call("Target.disposeBrowserContext", browserContextId=context)


def _told(direct: DirectCommands) -> list[Any]:
    """What the page answers. Raises NotOurs, or BrowserError, or what else may go wrong in reading other answers."""

    def find(name: str) -> dict[str, str]:
        found = direct.answer(Command.FIND_ELEMENT, {"using": "css selector", "value": f"#{name}"})
        return {"id": found[ELEMENT]}

    def title() -> Any:
        return direct.answer(Command.GET_TITLE, {})

    direct.go(PAGE)
    words, field, box, second = map(find, ("words", "field", "box", "second"))
    told = [
        title(),
        direct.answer(Command.GET_CURRENT_URL, {}),
        direct.answer(Command.GET_ELEMENT_TAG_NAME, words),
        direct.answer(Command.GET_ELEMENT_TEXT, words),
        direct.answer(Command.GET_ELEMENT_ATTRIBUTE, {**words, "name": "class"}),
        direct.answer(Command.GET_ELEMENT_VALUE_OF_CSS_PROPERTY, {**words, "propertyName": "display"}),
        direct.answer(Command.IS_ELEMENT_ENABLED, field),
        len(direct.answer(Command.FIND_ELEMENTS, {"using": "tag name", "value": "option"})),
        direct.run("return {a: [arguments[0], null, document.getElementById('words').id]}", [1])[0],
    ]
    direct.act(Command.CLICK_ELEMENT, find("press"))
    told.append(title())
    direct.act(Command.SEND_KEYS_TO_ELEMENT, {**field, "text": "aB 1"})
    told.append(direct.answer(Command.GET_ELEMENT_PROPERTY, {**field, "name": "value"}))
    for choice in (box, second):
        direct.act(Command.CLICK_ELEMENT, choice)
        told.append(direct.answer(Command.IS_ELEMENT_SELECTED, choice))
    told += [direct.act(Command.CLICK_ELEMENT, find("script")), title()]
    direct.act(Command.CLICK_ELEMENT, find("ask"))
    told.append(direct.dialogs.answer(Command.W3C_GET_ALERT_TEXT, {}))
    direct.dialogs.answer(Command.W3C_ACCEPT_ALERT, {})
    told.append(title())
    direct.reload()
    told.append(title())
    return told
