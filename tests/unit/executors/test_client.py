"""One Lambda function, invoked: which answers are final, and which only mean later."""

import botocore.session
import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from tests.support.aws.lambda_client import THROTTLE, FakeLambda, refusal
from uitest.errors import ExecutorError
from uitest.executors.aws.client import MAX_PAUSE_S, NOT_READY, NOT_READY_S, TRIES, LambdaFunction

EVENT = b'{"uitest": 1, "url": "http://x", "options": {}, "assignment": {"run": "r", "store": "s", "artifacts": "a", \
"layer": 0, "tasks": [], "case_timeout": null, "schedule": null, "lease_s": 60.0, "time_budget": null}}'


class Waits:
    """Pauses that take no time; ``end`` pauses are enough to give up."""

    def __init__(self, end: int = 10_000) -> None:
        self.pauses: list[float] = []
        self._end = end

    def __call__(self, seconds: float) -> bool:
        """Whether to give up."""
        self.pauses.append(seconds)
        return len(self.pauses) >= self._end


def test_accepted_event_takes_one_request() -> None:
    """One request, no pause."""
    client, waits = FakeLambda(), Waits()
    assert LambdaFunction("f", waits, client=client).send(EVENT)
    assert (client.asked, waits.pauses) == (["Event"], [])


def test_throttled_request_is_sent_again_with_growing_pauses() -> None:
    """However many there are; the pauses grow, with jitter, to a limit."""
    client, waits = FakeLambda(*[THROTTLE] * 200), Waits()
    assert LambdaFunction("f", waits, client=client).send(EVENT)
    assert len(waits.pauses) == 200
    assert max(waits.pauses[:2]) < 0.5
    assert MAX_PAUSE_S / 2 < max(waits.pauses) <= MAX_PAUSE_S


def test_busy_function_is_asked_a_limited_number_of_times() -> None:
    """Somebody waits for the answer, and with it the whole run."""
    client = FakeLambda(*[THROTTLE] * 200)
    assert LambdaFunction("f", Waits(), client=client).request(EVENT) is None
    assert len(client.asked) == TRIES


def test_throttled_request_ends_with_its_run() -> None:
    """Whoever waits is woken."""
    client = FakeLambda(*[THROTTLE] * 200)
    assert not LambdaFunction("f", Waits(end=3), client=client).send(EVENT)
    assert len(client.asked) == 3


@pytest.mark.parametrize(
    "hiccup",
    [
        refusal("ServiceException", 500),
        ConnectTimeoutError(endpoint_url="https://lambda"),
    ],
    ids=["5xx", "network"],
)
def test_few_network_errors_are_tried_again(hiccup: Exception) -> None:
    """A few are forgiven, then they are the reason."""
    assert LambdaFunction("f", Waits(), client=FakeLambda(*[hiccup] * (TRIES - 1))).send(EVENT)
    client = FakeLambda(*[hiccup] * 99)
    with pytest.raises(ExecutorError, match="Lambda function 'f'"):
        LambdaFunction("f", Waits(), client=client).send(EVENT)
    assert len(client.asked) == TRIES


@pytest.mark.parametrize("code", sorted(NOT_READY))
def test_function_that_is_not_ready_is_waited_for_some_minutes(code: str) -> None:
    """Longer than the 106 s that people saw, whoever asks; after that the reason is an error."""
    errors = botocore.session.Session().get_service_model("lambda").operation_model("Invoke").error_shapes
    [status] = [error.metadata["error"]["httpStatusCode"] for error in errors if error.name == code]
    idle = refusal(code, status)
    for ask in (LambdaFunction.send, LambdaFunction.request):
        waits = Waits()
        assert ask(LambdaFunction("f", waits, client=FakeLambda(*[idle] * 30)), EVENT)
        assert 106 < sum(waits.pauses) < NOT_READY_S
        client, waits = FakeLambda(*[idle] * 999), Waits()
        with pytest.raises(ExecutorError, match=f"{code}.*waited 300 s"):
            ask(LambdaFunction("f", waits, client=client), EVENT)
        assert sum(waits.pauses) == NOT_READY_S


def test_wait_for_a_function_ends_with_its_run() -> None:
    """Whoever waits is woken."""
    client = FakeLambda(*[refusal("CodeArtifactUserPendingException", 409)] * 99)
    assert not LambdaFunction("f", Waits(end=3), client=client).send(EVENT)
    assert len(client.asked) == 3


@pytest.mark.parametrize(
    ("no", "message"),
    [
        (refusal("ResourceNotFoundException", 404), "does not exist.*--function"),
        (refusal("AccessDeniedException", 403), "no permission for lambda:InvokeFunction"),
        (refusal("InvalidRequestContentException", 400), "failed with InvalidRequestContentException: as told"),
        (refusal("ExpiredTokenException", 403), "refuses the credentials"),
    ],
)
def test_refused_request_raises_with_advice(no: Exception, message: str) -> None:
    """Asked once, and the reason told with what to do."""
    client, waits = FakeLambda(no), Waits()
    with pytest.raises(ExecutorError, match=message):
        LambdaFunction("f", waits, client=client).send(EVENT)
    assert (len(client.asked), waits.pauses) == (1, [])


def test_error_of_the_function_is_in_the_message() -> None:
    """Its own words are in the message."""
    answer = {"errorType": "Runtime.ImportModuleError", "errorMessage": "No module named 'lambda_runner'"}
    client = FakeLambda(answer=answer, error="Unhandled")
    with pytest.raises(ExecutorError, match=r"is broken \(Runtime.ImportModuleError: No module named"):
        LambdaFunction("f", Waits(), client=client).request(EVENT)


@pytest.mark.parametrize("answer", ["hello", 3, ["x"]])
def test_foreign_answer_is_refused(answer: object) -> None:
    """It answers something that ours never does."""
    with pytest.raises(ExecutorError, match="is broken"):
        LambdaFunction("f", Waits(), client=FakeLambda(answer=answer)).request(EVENT)


def test_synchronous_request_is_not_repeated_after_a_timeout() -> None:
    """Two minutes are enough; whether an event was accepted is asked again."""
    silence = ReadTimeoutError(endpoint_url="https://lambda")
    client = FakeLambda(silence)
    with pytest.raises(ExecutorError, match="cannot reach Lambda function 'f'"):
        LambdaFunction("f", Waits(), client=client).request(EVENT)
    assert len(client.asked) == 1
    assert LambdaFunction("f", Waits(), client=FakeLambda(silence)).send(EVENT)


def test_answer_of_the_function_is_returned() -> None:
    """What the function returned."""
    assert LambdaFunction("f", Waits(), client=FakeLambda(answer={"problem": "x"})).request(EVENT) == {"problem": "x"}
