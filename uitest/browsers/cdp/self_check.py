"""Checks whether direct commands behave in this Chrome as in tested versions.

The commands are run on a known page. That takes a tenth of a second and is done once for each version
(``compat.features``). If a result differs, all commands are forwarded to chromedriver.
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

EXPECTED: list[Any] = [
    "Check", PAGE, "p", "some WORDS", "big", "block", True, 2, {"a": [1, None, "words"]},
    "Pressed", "aB 1", True, True, True, "Ran", "Sure?", "true", "Check",
]  # fmt: skip
"""The expected results."""


def direct_commands_work(url: str, scripts: Scripts, version: str) -> bool:
    """Whether direct commands work in the Chrome whose DevTools socket is at ``url``; warns once if not."""

    def check() -> bool:
        wire = Transport(url)
        try:
            return _passes(wire, scripts)
        finally:
            wire.close()

    return works(DIRECT, check, version)


def _passes(wire: Transport, scripts: Scripts) -> bool:
    """Whether the results are as expected, in a separate context."""
    context = wire.call("Target.createBrowserContext")["browserContextId"]
    try:
        target = wire.call("Target.createTarget", url="about:blank", browserContextId=context, newWindow=True)
        page = PageSession(wire, target["targetId"], Console(), [], preload=keep_originals(scripts.run))
        page.unattended = True
        return _answers(DirectCommands(page, scripts)) == EXPECTED
    finally:
        wire.call("Target.disposeBrowserContext", browserContextId=context)


def _answers(direct: DirectCommands) -> list[Any]:
    """The results of the commands. May raise ForwardToDriver, BrowserError, or any error of unexpected responses."""

    def find(name: str) -> dict[str, str]:
        element = direct.handle(Command.FIND_ELEMENT, {"using": "css selector", "value": f"#{name}"})
        return {"id": element[ELEMENT]}

    def title() -> Any:
        return direct.handle(Command.GET_TITLE, {})

    direct.go(PAGE)
    paragraph, field, box, second = map(find, ("words", "field", "box", "second"))
    answers = [
        title(),
        direct.handle(Command.GET_CURRENT_URL, {}),
        direct.handle(Command.GET_ELEMENT_TAG_NAME, paragraph),
        direct.handle(Command.GET_ELEMENT_TEXT, paragraph),
        direct.handle(Command.GET_ELEMENT_ATTRIBUTE, {**paragraph, "name": "class"}),
        direct.handle(Command.GET_ELEMENT_VALUE_OF_CSS_PROPERTY, {**paragraph, "propertyName": "display"}),
        direct.handle(Command.IS_ELEMENT_ENABLED, field),
        len(direct.handle(Command.FIND_ELEMENTS, {"using": "tag name", "value": "option"})),
        direct.run("return {a: [arguments[0], null, document.getElementById('words').id]}", [1])[0],
    ]
    direct.act(Command.CLICK_ELEMENT, find("press"))
    answers.append(title())
    direct.act(Command.SEND_KEYS_TO_ELEMENT, {**field, "text": "aB 1"})
    answers.append(direct.handle(Command.GET_ELEMENT_PROPERTY, {**field, "name": "value"}))
    for choice in (box, second):
        direct.act(Command.CLICK_ELEMENT, choice)
        answers.append(direct.handle(Command.IS_ELEMENT_SELECTED, choice))
    answers += [direct.act(Command.CLICK_ELEMENT, find("script")), title()]
    direct.act(Command.CLICK_ELEMENT, find("ask"))
    answers.append(direct.dialogs.handle(Command.W3C_GET_ALERT_TEXT, {}))
    direct.dialogs.handle(Command.W3C_ACCEPT_ALERT, {})
    answers.append(title())
    direct.reload()
    answers.append(title())
    return answers
