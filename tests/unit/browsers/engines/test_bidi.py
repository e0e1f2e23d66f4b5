"""What a case sends and receives over BiDi, in its terms and in the browser's."""

from typing import Any

import pytest

from uitest.browsers.sessions.bidi import UserContexts


def sent(contexts: UserContexts, method: str, **params: Any) -> Any:
    """Parameters as the browser gets them."""
    return contexts.sent({"id": 1, "method": method, "params": params})["params"]


WINDOW = {"type": "context", "context": "w"}


@pytest.mark.parametrize(
    ("method", "params", "added"),
    [
        ("browsingContext.create", {"type": "tab"}, {"userContext": "mine"}),
        ("browsingContext.create", {"type": "tab", "userContext": "more"}, {}),
        ("browsingContext.create", {"type": "tab", "referenceContext": "w"}, {}),
        ("session.subscribe", {"events": ["log"], "userContexts": ["default"]}, {"userContexts": ["mine"]}),
        ("browser.removeUserContext", {"userContext": "default"}, {}),
        ("storage.getCookies", {}, {"partition": {"type": "storageKey", "userContext": "mine"}}),
        ("storage.getCookies", {"partition": WINDOW}, {}),
        ("browser.setDownloadBehavior", {"downloadBehavior": None}, {"userContexts": ["mine"]}),
    ],
)
def test_sent_commands_name_the_cases_user_context(method: str, params: dict[str, Any], added: dict[str, Any]) -> None:
    """The default user context is the case's own, also where none is named and the browser would take its own."""
    assert sent(UserContexts(["mine"]), method, **params) == {**params, **added}


def test_received_lists_and_events_hold_only_the_cases_own() -> None:
    """Lists lack what belongs to others, the case's own comes first, as the default one; so do events."""
    known = ["mine"]
    contexts = UserContexts(known)
    sent(contexts, "browser.createUserContext")
    assert contexts.received({"id": 1, "result": {"userContext": "more"}}) == {
        "id": 1,
        "result": {"userContext": "more"},
    }
    assert known == ["mine", "more"]
    listed = [{"userContext": name} for name in ("default", "more", "mine", "other")]
    expected = [{"userContext": "default"}, {"userContext": "more"}]
    for method, name in (
        ("browser.getUserContexts", "userContexts"),
        ("browsingContext.getTree", "contexts"),
        ("script.getRealms", "realms"),
    ):
        sent(contexts, method)
        assert contexts.received({"id": 1, "result": {name: listed}}) == {"id": 1, "result": {name: expected}}
    sent(contexts, "script.getRealms")
    worker = {"id": 1, "result": {"realms": [{"type": "shared-worker"}]}}
    assert contexts.received(worker) == worker
    for name, seen in (("mine", "default"), ("more", "more")):
        event = contexts.received({"method": "browsingContext.contextCreated", "params": {"userContext": name}})
        assert event is not None
        assert event["params"] == {"userContext": seen}
    assert contexts.received({"method": "browsingContext.contextCreated", "params": {"userContext": "other"}}) is None
    assert contexts.received({"id": 2, "error": "no such frame"}) == {"id": 2, "error": "no such frame"}
