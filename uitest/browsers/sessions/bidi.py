"""WebDriver BiDi of a case: it sees its own user context as the default one, and none of the warm browser's others.

BiDi commands act on the default user context unless told otherwise, which is the warm browser's; and its tree shows the
windows of all. So what the case sends and receives is put into the case's terms here. Trade-off: a case that uses BiDi
costs the browser, since handlers and subscriptions hold for all of it.
"""

from collections.abc import Mapping
from typing import Any

DEFAULT = "default"
"""The user context that every browser has. https://w3c.github.io/webdriver-bidi/#user-contexts"""

COOKIE_METHODS = frozenset({"storage.getCookies", "storage.setCookie", "storage.deleteCookies"})


class UserContexts:
    """Those of one case; translates its messages."""

    def __init__(self, known: list[str]) -> None:
        """``known`` are their ids, the case's own first; those that the case creates are added."""
        self._own, self._known = known[0], known
        self._methods: dict[int, str] = {}
        """Methods of commands that are not answered yet, by id."""

    def sent(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """A command of the case as the browser has to get it."""
        method, params = message["method"], dict(message.get("params", {}))
        self._methods[message["id"]] = method
        if method == "browser.removeUserContext":  # the default one cannot be removed: the browser says so
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
        """A message of the browser as the case is to see it; None for one that is about others."""
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
        own = [one for one in result[name] if one["userContext"] in self._known]
        return {**result, name: sorted(own, key=lambda one: one["userContext"] != self._own)}


LISTS = {"browsingContext.getTree": "contexts", "browser.getUserContexts": "userContexts"}
"""Methods that list what has a user context, and the name of the list."""


def _replaced(value: Any, old: str, new: str) -> Any:
    """The value with one user context named otherwise."""
    if isinstance(value, Mapping):
        return {
            key: new
            if key == "userContext" and inner == old
            else [new if one == old else one for one in inner]
            if key == "userContexts" and all(isinstance(one, str) for one in inner)
            else _replaced(inner, old, new)
            for key, inner in value.items()
        }
    return [_replaced(inner, old, new) for inner in value] if isinstance(value, list) else value
