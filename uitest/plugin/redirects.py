"""Finds out where an address redirects to."""

import logging
import urllib.request
from http.client import HTTPException
from typing import Any

from uitest import log

LOGGER = logging.getLogger(__name__)

RESPONSE_TIMEOUT_S = 10.0


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Records the addresses of redirects."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        self.urls.append(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def redirects(url: str) -> list[str]:
    """The addresses that an address redirects to, as far as they respond."""
    handler = _Redirects()
    with (
        log.suppress(LOGGER, f"{url} does not answer", OSError, ValueError, HTTPException),
        urllib.request.build_opener(handler).open(url, timeout=RESPONSE_TIMEOUT_S),
    ):
        pass
    return handler.urls
