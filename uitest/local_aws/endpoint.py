"""Serves Lambda's Invoke API on 127.0.0.1 for boto3 (``AWS_ENDPOINT_URL_LAMBDA``).

See https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html. Signatures are not checked.
"""

import json
import re
from urllib.parse import unquote

from uitest.executors.aws.event import PAYLOAD_LIMIT
from uitest.local_aws.api_handler import ApiHandler
from uitest.local_aws.service import NotReady, Service, Throttled, UnknownFunction
from uitest.system import http_server

INVOKE = re.compile(r"/2015-03-31/functions/([^/?]+)/invocations(?:\?.*)?")

RESPONSE_LIMIT = 6 * 1024 * 1024
"""Maximum payload in bytes of a synchronous invocation."""


class Endpoint(http_server.Server):
    """The server, as a context manager; it does not close the service."""

    def __init__(self, service: Service, port: int = 0) -> None:
        """``port`` 0 means any free port."""
        super().__init__(_Handler, port=port)
        self.service = service


class _Handler(ApiHandler):
    server: Endpoint

    def do_POST(self) -> None:  # noqa: N802  the name http.server asks for
        """Invoke."""
        payload = self.body()
        match = INVOKE.fullmatch(self.path)
        if match is None:
            self._refuse(404, "UnknownOperationException", f"unknown operation {self.path}")
            return
        name, is_event = unquote(match[1]), self.headers.get("X-Amz-Invocation-Type") == "Event"
        limit = PAYLOAD_LIMIT if is_event else RESPONSE_LIMIT
        if len(payload) > limit:
            self._refuse(413, "RequestTooLargeException", f"{len(payload)} byte payload is too large, limit {limit}")
            return
        try:
            if is_event:
                self.server.service.accept(name, payload)
                self.answer(202)
            else:
                answer = self.server.service.answer(name, payload)
                self.answer(200, answer.payload, {"X-Amz-Function-Error": answer.error} if answer.error else {})
        except UnknownFunction:
            self._refuse(404, "ResourceNotFoundException", f"Function not found: {name}")
        except NotReady:
            message = "Lambda is initializing your function. It will be ready to invoke shortly."
            self._refuse(409, "CodeArtifactUserPendingException", message)
        except Throttled:
            self._refuse(429, "TooManyRequestsException", "Rate Exceeded.")

    def _refuse(self, status: int, kind: str, message: str) -> None:
        self.answer(status, json.dumps({"Message": message}).encode(), {"X-Amzn-ErrorType": kind})
