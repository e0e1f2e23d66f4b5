"""The message at the end of a run."""

from typing import Any

from tests.support.samples import NOW, all_green, every_outcome, hostile
from uitest.model import RunState
from uitest.notify import SHOWN, SUBJECT_LIMIT, TopicReporter, message


class FakeTopics:
    """An SNS client that remembers."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def publish(self, **request: Any) -> None:
        """As boto3's."""
        self.sent.append(request)


def test_a_green_run() -> None:
    """Is short."""
    run, rows = all_green()
    subject, text = message(run, rows, "https://pages.example/", NOW)
    assert subject == f"uitest: green, 12 passed - {run.id}"
    assert text.splitlines() == [
        subject, "", "Site   https://shop.example/", "State  finished", "Jobs   12 passed",
        f"Page   https://pages.example/runs/{run.id}/index.html",
    ]  # fmt: skip


def test_a_run_that_is_not() -> None:
    """Names the cases that are not green, with their errors."""
    run, rows = every_outcome(RunState.INTERRUPTED)
    subject, text = message(run, rows, "s3://b", NOW)
    assert subject.startswith("uitest: not green, 1 failed, 1 error, 1 lost")
    assert "failed      login / fails - chrome: AssertionError" in text
    assert "not_started checkout / waits - chrome" in text
    assert "is_flaky" not in text


def test_a_run_that_was_stopped_is_not_green() -> None:
    """Whatever has passed."""
    run, rows = all_green()
    for changed in ({"state": RunState.INTERRUPTED}, {"planned": 13}):
        subject, _ = message(run.from_json({**run.to_json(), **changed}), rows, "s3://b", NOW)
        assert subject.startswith("uitest: not green, 12 passed")


def test_hostile_words() -> None:
    """The subject is a line of ASCII, the address shows no password."""
    run, rows = hostile()
    run = run.from_json({**run.to_json(), "id": "ü\n" * 200, "url": "https://me:secret@shop.example"})
    subject, text = message(run, rows, "s3://b", NOW)
    assert len(subject) == SUBJECT_LIMIT
    assert subject.isascii()
    assert subject.isprintable()
    assert "secret" not in text


def test_many_failures() -> None:
    """Are counted rather than listed."""
    run, rows = every_outcome()
    bad = [row for row in rows if row.job.case == "fails"][:1] * (SHOWN + 7)
    assert message(run, bad, "s3://b", NOW)[1].splitlines()[-1] == "... and 7 more"


def test_it_is_sent_once_and_at_the_end() -> None:
    """To the topic."""
    run, rows = all_green()
    client = FakeTopics()
    reporter = TopicReporter("arn:aws:sns:eu-west-1:1:t", "s3://b", client)
    reporter.update(run, rows, NOW)
    assert client.sent == []
    reporter.finish(run, rows, NOW)
    subject, text = message(run, rows, "s3://b", NOW)
    assert client.sent == [{"TopicArn": "arn:aws:sns:eu-west-1:1:t", "Subject": subject, "Message": text}]
