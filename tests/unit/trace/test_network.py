"""How failed requests get into a trace: beside the page's own record, masked and then cut."""

from urllib.parse import quote

import pytest

from uitest.browsers.failed_requests import FailedRequest
from uitest.masking import masked
from uitest.trace.command_text import DOTS
from uitest.trace.network import BODY_LIMIT, details, network

BEGAN = 1000.0
URL = "http://shop/orders"


def failed(**more: object) -> FailedRequest:
    """A request that the shop answered with 500."""
    return FailedRequest(**{"at": BEGAN + 1, "took": 0.1, "kind": "fetch", "method": "POST", "url": URL, **more})  # type: ignore[arg-type]


def test_failed_request_is_found_among_those_that_the_page_lists() -> None:
    """Each has its own details, also where one address is asked for again and again; others have none."""
    listed = {(at, "fetch", URL): (0.1, 500, 9) for at in (1.01, 1.2, 3.0)} | {(1.0, "css", "http://x/"): (0.1, 200, 9)}
    rows = network(listed, [failed(status=500), failed(at=BEGAN + 1.19, status=503)], BEGAN, str)
    assert [(row[0], row[2], len(row)) for row in rows] == [(1.0, 200, 6), (1.01, 500, 7), (1.2, 503, 7), (3.0, 500, 6)]


def test_request_that_the_page_does_not_list_has_a_row_of_its_own() -> None:
    """One that was refused, with the browser's word for it; one from before the beginning is at the beginning."""
    rows = network({}, [failed(problem="net::ERR_CONNECTION_REFUSED"), failed(at=BEGAN - 9)], BEGAN, str)
    assert [(row[0], row[2], row[4], row[5]) for row in rows] == [(0.0, 0, "fetch", URL), (1.0, 0, "fetch", URL)]
    assert rows[1][6]["problem"] == "net::ERR_CONNECTION_REFUSED"


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('{"user": "ann", "password": "a \\"b\\" c", "n": 1}', f'{{"user": "ann", "password": "{DOTS}", "n": 1}}'),
        ('{"card": {"cvc": 123}, "apiKey": "x"}', f'{{"card": {{"cvc": "{DOTS}"}}, "apiKey": "{DOTS}"}}'),
        ("user=ann&user%5Bpassword%5D=x+y&more=1", f"user=ann&user%5Bpassword%5D={DOTS}&more=1"),
        ("the token is in the mail", "the token is in the mail"),
    ],
)
def test_credentials_are_hidden_by_their_names(body: str, kept: str) -> None:
    """In JSON and in forms; a word in a sentence is no name of a field."""
    assert details(failed(sent_body=body), str)["sent_body"] == kept
    headers = (("Cookie", "sid=1"), ("X-Auth-Token", "t"), ("Accept", "*/*"))
    assert details(failed(sent_headers=headers), str)["sent"] == [
        ["Cookie", DOTS], ["X-Auth-Token", DOTS], ["Accept", "*/*"],
    ]  # fmt: skip


@pytest.mark.parametrize("before", range(BODY_LIMIT - 30, BODY_LIMIT + 1, 3))
def test_bodies_are_masked_before_they_are_cut(before: int) -> None:
    """Wherever a secret is, and however it is spelled, no part of it is left at the end."""
    secret = "hunter2-is <secret>"
    for spelled in (secret, quote(secret)):
        body = "x" * before + spelled + "y" * BODY_LIMIT
        kept = details(failed(received_body=body), lambda text: masked(text, (secret,)))["received_body"]
        assert len(kept) <= BODY_LIMIT + 1
        assert "hunt" not in kept
