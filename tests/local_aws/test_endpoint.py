"""The Invoke API through boto3, with functions that are called in this process."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.aws.servers import fake_client
from tests.support.processes import eventually
from uitest.executors.aws.event import PAYLOAD_LIMIT
from uitest.local_aws.endpoint import Endpoint
from uitest.local_aws.environments import Answer, Delivery, InProcess, failure
from uitest.local_aws.faults import Fate, Faults
from uitest.local_aws.service import Function, Service

Body = Callable[[Delivery], Any]
Deploy = Callable[..., tuple[Any, Service]]


@pytest.fixture
def deploy() -> Iterator[Deploy]:
    """Makes an endpoint with one function ``f``; a client that does not retry, and the service behind."""
    with ExitStack() as cleanup:

        def deploy(body: Body, faults: Faults | None = None, **more: Any) -> tuple[Any, Service]:
            service = Service([Function("f", lambda: InProcess(body), **more)], faults)
            cleanup.callback(service.close)
            endpoint = cleanup.enter_context(Endpoint(service))
            client = fake_client("lambda", endpoint.url, retries={"total_max_attempts": 1})
            cleanup.callback(client.close)
            return client, service

        yield deploy


def event(client: Any, payload: bytes = b"{}", name: str = "f") -> int:
    """Send one; the status code."""
    result: int = client.invoke(FunctionName=name, InvocationType="Event", Payload=payload)["StatusCode"]
    return result


def refused(call: Callable[[], object]) -> str:
    """The code of a refusal."""
    with pytest.raises(ClientError) as caught:
        call()
    code: str = caught.value.response["Error"]["Code"]
    return code


def test_answer_comes_back_by_name_and_by_arn(deploy: Deploy) -> None:
    """What the function returns comes back, by name or by ARN."""
    client, _ = deploy(lambda delivery: {"got": json.loads(delivery.payload)})
    for name in ("f", "arn:aws:lambda:eu-west-1:123456789012:function:f"):
        answer = client.invoke(FunctionName=name, Payload=b'{"a": 1}')
        assert (answer["StatusCode"], json.loads(answer["Payload"].read())) == (200, {"got": {"a": 1}})
        assert "FunctionError" not in answer


def test_error_of_a_function_has_lambdas_form(deploy: Deploy) -> None:
    """As Lambda has it: status 200, FunctionError, type and message."""

    def body(_delivery: Delivery) -> None:
        raise KeyError("url")

    client, service = deploy(body)
    answer = client.invoke(FunctionName="f", Payload=b"{}")
    reported = json.loads(answer["Payload"].read())
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert (reported["errorType"], reported["errorMessage"]) == ("KeyError", "'url'")
    assert service.counts["failed"] == 1


def test_missing_functions_and_large_events_are_refused(deploy: Deploy) -> None:
    """A function that is not there, and events that are too large."""
    client, _ = deploy(lambda _: None)
    assert refused(lambda: event(client, name="g")) == "ResourceNotFoundException"
    assert refused(lambda: event(client, b'"' + b"x" * PAYLOAD_LIMIT + b'"')) == "RequestTooLargeException"
    assert event(client, b'"' + b"x" * (PAYLOAD_LIMIT - 2) + b'"') == 202


def test_idle_function_is_not_ready_for_some_requests(deploy: Deploy) -> None:
    """Both kinds of requests are refused as Lambda does, none is delivered, and the next ones are."""
    seen: list[str] = []
    client, service = deploy(lambda delivery: seen.append(delivery.request), Faults(asleep=2))
    assert refused(lambda: event(client)) == "CodeArtifactUserPendingException"
    assert refused(lambda: client.invoke(FunctionName="f", Payload=b"{}")) == "CodeArtifactUserPendingException"
    assert seen == []
    assert event(client) == 202
    service.close()
    assert (len(seen), service.counts["not ready"]) == (1, 2)


def test_events_wait_for_an_environment(deploy: Deploy) -> None:
    """No more run than the concurrency allows; who wants an answer is refused meanwhile."""
    gate, inside, most = threading.Event(), [0], [0]
    lock = threading.Lock()

    def body(_delivery: Delivery) -> None:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        gate.wait(30)
        with lock:
            inside[0] -= 1

    client, service = deploy(body, concurrency=3)
    assert [event(client) for _ in range(10)] == [202] * 10
    eventually(lambda: inside[0] == 3, "three run")
    assert refused(lambda: client.invoke(FunctionName="f", Payload=b"{}")) == "TooManyRequestsException"
    gate.set()
    service.close()
    assert (most[0], inside[0]) == (3, 0)


def test_failed_event_is_repeated_only_as_configured(deploy: Deploy) -> None:
    """With the same request id; by default never."""
    seen: list[str] = []

    def body(delivery: Delivery) -> None:
        seen.append(delivery.request)
        raise ValueError

    client, service = deploy(body, retries=2, retry_pause_s=0.01)
    event(client)
    eventually(lambda: len(seen) == 3, "one delivery and two repeats")
    assert len(set(seen)) == 1
    assert service.counts["repeated by Lambda"] == 2
    once, service = deploy(body)
    seen.clear()
    event(once)
    eventually(lambda: service.counts["failed"] == 1, "it failed")
    assert len(seen) == 1


class Stuck:
    """An environment whose invocations end with it."""

    def __init__(self) -> None:
        self.invoked, self.ended = threading.Event(), threading.Event()

    def invoke(self, delivery: Delivery) -> Answer:
        """Wait for the end."""
        self.invoked.set()
        self.ended.wait(30)
        return failure("Ended", "as told")

    def is_alive(self) -> bool:
        """Until it is closed."""
        return not self.ended.is_set()

    def close(self) -> None:
        """End."""
        self.ended.set()


def test_stop_waits_for_nothing() -> None:
    """What is under way is ended and counts as nothing, what waits is never begun."""
    started: list[Stuck] = []

    def start() -> Stuck:
        started.append(Stuck())
        return started[-1]

    service = Service([Function("f", start, concurrency=2, retries=2)])
    for _ in range(5):
        service.accept("f", b"{}")
    eventually(lambda: len(started) == 2 and all(item.invoked.is_set() for item in started), "two are at work")
    service.stop()
    assert len(started) == 2
    assert not any(item.is_alive() for item in started)
    assert service.counts == {"accepted": 5}


def test_each_fault_has_its_share_and_is_counted(deploy: Deploy) -> None:
    """Each in about the share that was asked for, and counted as what happened."""
    fates: list[Fate] = []
    requests: list[str] = []

    def body(delivery: Delivery) -> None:
        fates.append(delivery.fate)
        requests.append(delivery.request)

    client, service = deploy(body, Faults(throttle=0.2, lose=0.1, twice=0.1, kill=0.1, late=0.1, seed=7))
    throttled = 0
    for _ in range(500):
        try:
            event(client)
        except ClientError:
            throttled += 1
    service.close()
    counts = service.counts
    assert throttled == counts["throttled"]
    assert 60 < throttled < 140
    assert counts["accepted"] == 500 - throttled
    assert len(fates) == counts["accepted"] - counts["lost"] + counts["delivered twice"]
    assert len(set(requests)) == counts["accepted"] - counts["lost"]
    for count in (counts["lost"], counts["delivered twice"], fates.count(Fate.KILLED), fates.count(Fate.LATE)):
        assert 20 < count < 70
