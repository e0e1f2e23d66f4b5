"""Translates a case's BiDi messages, so that its own user context appears as the default one, and others not at all.

BiDi commands act by default on the default user context, which is not the case's, and the tree lists the windows of all
contexts. Trade-off: after a case that uses BiDi the browser is replaced, since handlers and subscriptions apply to all
of it.
"""

from collections.abc import Mapping
from typing import Any

DEFAULT = "default"
"""Id of the default user context. https://w3c.github.io/webdriver-bidi/#user-contexts"""

COOKIE_METHODS = frozenset({"storage.getCookies", "storage.setCookie", "storage.deleteCookies"})


class UserContexts:
    """The user contexts of one case; translates its messages."""

    def __init__(self, known: list[str]) -> None:
        """``known`` are their ids, the case's own first; further ones that the case creates are appended."""
        self._own, self._known = known[0], known
        self._methods: dict[int, str] = {}
        """Methods of commands without response yet, by id."""

    def sent(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """A command of the case, translated for the browser."""
        method, params = message["method"], dict(message.get("params", {}))
        self._methods[message["id"]] = method
        if method == "browser.removeUserContext":  # the browser itself refuses to remove the default one
            return dict(message)
        if method == "permissions.setPermission" or (
            method == "browsingContext.create" and "referenceContext" not in params
        ):
            params.setdefault("userContext", DEFAULT)
        elif method == "browser.setDownloadBehavior":
            params.setdefault("userContexts", [DEFAULT])
        elif method in COOKIE_METHODS:
            partition = params.get("partition") or {"type": "storageKey"}
            if partition["type"] == "storageKey":
                params["partition"] = {"userContext": DEFAULT, **partition}
        return {**message, "params": _replaced(params, DEFAULT, self._own)}

    def received(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """A message of the browser, translated for the case; None for one about other cases."""
        if "method" in message:
            if message["params"].get("userContext", self._own) not in self._known:
                return None
        elif "result" in message:
            method = self._methods.pop(message["id"], None)
            if method == "browser.createUserContext":
                self._known.append(message["result"]["userContext"])
            elif method in LISTS:
                message = {**message, "result": self._without_others(message["result"], LISTS[method])}
        translated: dict[str, Any] = _replaced(message, self._own, DEFAULT)
        return translated

    def _without_others(self, result: Mapping[str, Any], name: str) -> dict[str, Any]:
        own = [entry for entry in result[name] if entry.get("userContext", self._own) in self._known]
        return {**result, name: sorted(own, key=lambda entry: entry.get("userContext") != self._own)}


LISTS = {
    "browsingContext.getTree": "contexts",
    "browser.getUserContexts": "userContexts",
    "script.getRealms": "realms",
}
"""Methods whose result is a list of objects with a user context, and the name of the list.

Realms of workers have none, nor have those of windows in Firefox.
"""


def _replaced(value: Any, old: str, new: str) -> Any:
    """The value with one user context id replaced."""
    if isinstance(value, Mapping):
        return {
            key: new
            if key == "userContext" and inner == old
            else [new if name == old else name for name in inner]
            if key == "userContexts" and all(isinstance(name, str) for name in inner)
            else _replaced(inner, old, new)
            for key, inner in value.items()
        }
    return [_replaced(inner, old, new) for inner in value] if isinstance(value, list) else value
