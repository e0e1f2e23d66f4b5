"""A go-between that writes down which role called what of AWS, on the way to emulators.

A role is told apart by its access key: give a process ``AWS_ACCESS_KEY_ID=CaseRole``. What was called is read from the
request itself, so it is what was really sent, by whichever process. Calls that it cannot name are an error.
"""

import http.client
import json
import re
import threading
from collections import defaultdict
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.aws.policies import Call
from tests.support.aws.stack import ACCOUNT, REGION
from uitest.local_aws.api_handler import ApiHandler
from uitest.system import http_server

EMULATED = "000000000000"
"""The account of the emulator."""
HOP = {"connection", "transfer-encoding", "content-length", "date", "server", "content-type"}


class Recorder(http_server.Server):
    """The server, in a ``with`` statement."""

    def __init__(self, aws: str, functions: str | None = None) -> None:
        """Addresses of the emulator, and of Lambda's endpoint."""
        super().__init__(_Handler)
        self.aws, self.functions = aws, functions
        self.calls: dict[str, set[Call]] = defaultdict(set)
        self.lock = threading.Lock()


class _Handler(ApiHandler):
    server: Recorder

    def _pass_on(self) -> None:
        body, headers = self.body(), dict(self.headers.items())
        match = re.search(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/", headers.get("Authorization", ""))
        assert match, "a request without a signature"
        role, service = match.groups()
        calls = name(service, self.command, self.path, headers, body)
        target = self.server.functions if service == "lambda" else self.server.aws
        connection = http.client.HTTPConnection(urlsplit(target or "").netloc, timeout=120)
        try:
            headers.pop("Expect", None)  # answered by us already
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            with self.server.lock:
                self.server.calls[role] |= calls | _of_missing(calls, answer.status)
            kept = {key: value for key, value in answer.getheaders() if key.lower() not in HOP}
            self.answer(answer.status, content, {**kept, "Content-Type": answer.getheader("Content-Type", "")})
        finally:
            connection.close()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass_on  # noqa: N815  names http.server asks for


def name(service: str, method: str, path: str, headers: dict[str, str], body: bytes) -> set[Call]:
    """What a request needs to be allowed."""
    if service == "dynamodb":
        action = f"dynamodb:{headers['X-Amz-Target'].rpartition('.')[2]}"
        request = json.loads(body)
        return {Call(action, arn("dynamodb", f"table/{table}")) for table in _tables(request)}
    if service == "s3":
        return _of_s3(method, path, body)
    if service == "lambda":
        match = re.fullmatch(r"/2015-03-31/functions/([^/]+)/invocations.*", path)
        assert match, path
        function = unquote(match[1]).rpartition("function:")[2]  # a name, or an ARN
        return {Call("lambda:InvokeFunction", arn("lambda", f"function:{function}"))}
    if service == "sns":
        parameters = parse_qs(body.decode())
        return {Call(f"sns:{parameters['Action'][0]}", parameters["TopicArn"][0].replace(EMULATED, ACCOUNT))}
    raise AssertionError(f"nobody has said what {service} is asked for with {method} {path}")


def _of_missing(calls: set[Call], status: int) -> set[Call]:
    """S3 says that an object is missing only to those who may list its bucket; all others are denied."""
    missing = {call for call in calls if call.action == "s3:GetObject" and status == http.HTTPStatus.NOT_FOUND}
    return {Call("s3:ListBucket", call.resource.partition("/")[0]) for call in missing}


def arn(service: str, resource: str) -> str:
    """Of this account and region."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def _tables(request: dict[str, Any]) -> list[str]:
    return [request["TableName"]] if "TableName" in request else list(request["RequestItems"])


def _of_s3(method: str, path: str, body: bytes) -> set[Call]:
    parts = urlsplit(path)
    bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
    if key:
        action = {"PUT": "PutObject", "GET": "GetObject", "HEAD": "GetObject", "DELETE": "DeleteObject"}[method]
        return {Call(f"s3:{action}", f"arn:aws:s3:::{bucket}/{key}")}
    if method == "POST" and parts.query == "delete":
        keys = re.findall(rb"<Key>(.*?)</Key>", body)
        return {Call("s3:DeleteObject", f"arn:aws:s3:::{bucket}/{name.decode()}") for name in keys}
    assert method == "GET", path
    assert "list-type" in parts.query, path
    return {Call("s3:ListBucket", f"arn:aws:s3:::{bucket}")}
