"""The message at the end of a run."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from tests.support.aws.servers import fake_client
from tests.support.samples import NOW, MemoryPlace, all_green, attempt, every_outcome, header, hostile, row
from uitest.errors import PlaceError
from uitest.jobs.outcome import fold
from uitest.model import JobRow, Run, RunState, Verdict, digest
from uitest.quarantine import Quarantine
from uitest.reporting.notify import BRIEF_LIMIT, SHOWN, SUBJECT_LIMIT, News, TopicReporter, brief, marks, message, news
from uitest.reporting.publish import SiteReporter
from uitest.reporting.site.comparison import Base, Comparison, compare
from uitest.reporting.site.history import Past, PastRun
from uitest.reporting.site.quarantined import quarantined
from uitest.reporting.site.sections import sections
from uitest.storage.stores import Store
from uitest.storage.stores.dynamodb import DynamoStore, create_tables
from uitest.storage.stores.sqlite import SqliteStore

RED, RECOVERED = News.RED, News.RECOVERED
NO_BASE = Comparison()


def text_of(topic: News, run: Run, rows: Sequence[JobRow], site: str, about: Comparison = NO_BASE) -> tuple[str, str]:
    """Subject and text of the message about a run, without earlier runs."""
    outcomes = [(row, fold(row, run, NOW)) for row in rows]
    parts = sections(outcomes, about, quarantined(rows, run, Past(), NOW))
    return message(topic, run, rows, site, NOW, parts, about.sentence() if about.base.branch else "")


def pages() -> SiteReporter:
    """Those of a site without any run."""
    return SiteReporter(MemoryPlace(), "memory:artifacts")


class FakeTopics:
    """An SNS client that remembers."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.is_broken = False

    def publish(self, **request: Any) -> None:
        """As boto3's."""
        if self.is_broken:
            raise PlaceError("nobody listens")
        self.sent.append(request)

    def subjects(self) -> list[str]:
        """What was sent since this was asked last, without the run's id."""
        result, self.sent = [item["Subject"].partition(" - ")[0] for item in self.sent], []
        return result


@pytest.fixture(params=["sqlite", "dynamodb"])
def topic(request: pytest.FixtureRequest, tmp_path: Path) -> "Iterator[Topic]":
    """A topic that nobody has told anything, beside each of the stores that can remember what it was told."""
    with ExitStack() as cleanup:
        if request.param == "sqlite":
            store: Store = SqliteStore(tmp_path / "uitest.db")
        else:
            cleanup.enter_context(mock_aws())
            client = fake_client("dynamodb")
            create_tables(client, "modules", "status")
            store = DynamoStore("modules", "status", client)
        cleanup.callback(store.close)
        yield Topic(store)


class Topic:
    """A topic, and runs that end."""

    def __init__(self, store: Store) -> None:
        self.store, self.client = store, FakeTopics()
        self._reporter = TopicReporter("arn:aws:sns:eu-west-1:1:t", "s3://b", store, pages(), self.client)

    def ends(self, *rows: JobRow, state: RunState = RunState.FINISHED, **settings: object) -> list[str]:
        """The subjects of what a run that has ended so is told with."""
        run = header(list(rows), state, settings={"branch": "main", "executor": "local", **settings})
        self._reporter.update(run, rows, NOW)
        assert self.client.sent == []
        self._reporter.finish(run, rows, NOW)
        return self.client.subjects()


def test_brief_of_a_green_run_is_short() -> None:
    """The line of a green run is short."""
    run, rows = all_green()
    subject, text = text_of(RECOVERED, run, rows, "https://pages.example/")
    assert subject == f"uitest: green again, 12 passed - {run.id}"
    assert text.splitlines() == [
        subject, "", "Site   https://shop.example/", "State  finished", "Jobs   12 passed",
        f"Page   https://pages.example/runs/{run.id}/index.html",
    ]  # fmt: skip


def test_message_names_cases_that_are_not_green() -> None:
    """Names the cases that are not green, with their errors."""
    run, rows = every_outcome(RunState.INTERRUPTED)
    subject, text = text_of(RED, run, rows, "s3://b")
    assert subject.startswith("uitest: not green, 1 failed, 1 error, 1 lost")
    assert "failed      login / fails - chrome: AssertionError" in text
    assert "not_started checkout / waits - chrome" in text
    assert "is_flaky" not in text


def test_message_has_the_groups_of_the_page() -> None:
    """With a base; what is excused comes last, with its terms, and counts as green in subject and numbers."""
    rows = [
        row("broken", FAILED),
        row("known", FAILED),
        row("fixed", PASSED),
        row("excused", FAILED),
        row("new", PASSED),
    ]
    rule = Quarantine("9999-12-31", case="excused", owner="@me", reason="slow")
    run = replace(header(rows), quarantine=(rule,), settings={"branch": "feature"})
    letters = zip(rows, "pffp", strict=False)
    past = Past((PastRun("base", {digest(job_row.job.key): [letter, 1.0] for job_row, letter in letters}),))
    base = Base("main", past, replace(header([]), id="base", settings={"commit": "c0ffee"}))
    subject, text = text_of(RED, run, rows, "s3://b", compare(rows, run, base, NOW))
    error = "AssertionError: assert '41.99 EUR' == '42.00 EUR'"
    assert subject.startswith("uitest: not green, 2 failed - ")
    assert "Jobs   2 passed, 1 quarantined, 2 failed" in text
    assert text.split("\n\n", 2)[2].splitlines() == [
        "Compared with main at c0ffee (run base): 1 broken by this change, 1 red on the base too, 1 fixed, "
        "1 never ran before.",
        "",
        "Broken by this change: 1",
        f"failed      login / broken - chrome: {error}",
        "",
        "Red on the base too: 1",
        f"failed      login / known - chrome: {error} (red in the base's run)",
        "",
        "Fixed: 1",
        "passed      login / fixed - chrome (red in the base's run)",
        "",
        "Never ran before: 1",
        "",
        "Quarantine: 1",
        f"quarantined login / excused - chrome: {error} (until 9999-12-31, @me: slow)",
    ]


def test_quarantined_case_is_no_news(topic: Topic) -> None:
    """A failure that is excused makes a run as green as a pass, also the first one after a red run."""
    rule = Quarantine("9999-12-31", case="a")
    rows = [row("a", FAILED), row("b", PASSED)]
    run = replace(header(rows, settings={"branch": "main", "executor": "local"}), quarantine=(rule,))
    reporter = TopicReporter("arn:t", "s3://b", topic.store, pages(), topic.client)
    reporter.finish(run, rows, NOW)
    assert topic.client.subjects() == []
    assert topic.ends(*rows) == ["uitest: not green, 1 failed"]
    reporter.finish(run, rows, NOW)
    assert topic.client.subjects() == ["uitest: green again, 1 passed, 1 quarantined"]


def test_subject_is_ascii_and_url_is_masked() -> None:
    """The subject is one line of ASCII, and the address has no password."""
    run, rows = hostile()
    run = run.from_json({**run.to_json(), "id": "ü\n" * 200, "url": "https://me:secret@shop.example"})
    subject, text = text_of(RED, run, rows, "s3://b")
    assert len(subject) == SUBJECT_LIMIT < 100, "SNS wants fewer than 100 characters"
    assert subject.isascii()
    assert subject.isprintable()
    assert "secret" not in text


def test_many_failures_are_counted() -> None:
    """Failures beyond the limit are counted instead of listed."""
    run, rows = every_outcome()
    bad = [row for row in rows if row.job.case == "fails"][:1] * (SHOWN + 7)
    assert text_of(RED, run, bad, "s3://b")[1].splitlines()[-1] == "... and 7 more"


PASSED, FAILED = attempt(), attempt(1, Verdict.FAILED)
FLAKY = (FAILED, attempt(2))


@pytest.mark.parametrize(
    ("is_green", "was_red", "about"),
    [(True, False, None), (True, True, RECOVERED), (False, False, RED), (False, True, RED)],
)
def test_messages_for_red_runs_and_the_first_green_one(about: News | None, *, is_green: bool, was_red: bool) -> None:
    """Every red run and the first green one after it cause a message."""
    assert news(is_green=is_green, was_red=was_red) == about


def test_recovery_is_sent_once(topic: Topic) -> None:
    """Each red run sends a message, the recovery one, and further green runs none."""
    assert topic.ends(row("a", PASSED)) == []
    assert topic.ends(row("a", FAILED)) == ["uitest: not green, 1 failed"]
    assert topic.ends(row("a", FAILED)) == ["uitest: not green, 1 failed"]
    assert topic.ends(row("a", PASSED)) == ["uitest: green again, 1 passed"]
    assert topic.ends(row("a", PASSED)) == []


@pytest.mark.parametrize("changed", [{"branch": "other"}, {"executor": "stepfunctions"}])
def test_recovery_needs_a_red_run_of_the_same_kind(topic: Topic, changed: dict[str, object]) -> None:
    """Not of another branch or executor, engine or module, which run beside it."""
    assert topic.ends(row("a", FAILED), row("b", PASSED, module="cart")) == ["uitest: not green, 1 failed"]
    assert topic.ends(row("a", PASSED), **changed) == []
    assert topic.ends(row("a", PASSED, browser="firefox")) == []
    assert topic.ends(row("b", PASSED, module="cart")) == []
    assert topic.ends(row("new", PASSED), row("a", PASSED)) == ["uitest: green again, 2 passed"]


def test_stopped_run_is_red(topic: Topic) -> None:
    """Whatever has passed; the run that ends after it recovers what it left open."""
    stopped = topic.ends(row("a", PASSED), row("c", module="cart"), state=RunState.INTERRUPTED)
    assert stopped == ["uitest: not green, 1 not started"]
    assert topic.ends(row("a", PASSED)) == []
    assert topic.ends(row("c", PASSED, module="cart")) == ["uitest: green again, 1 passed"]


def test_flaky_case_is_red_with_fail_on_flaky(topic: Topic) -> None:
    """By --fail-on-flaky, as for the exit code."""
    assert topic.ends(row("a", *FLAKY)) == []
    assert topic.ends(row("a", *FLAKY), fail_on_flaky=True) == ["uitest: not green, 1 flaky"]
    assert topic.ends(row("a", PASSED), fail_on_flaky=True) == ["uitest: green again, 1 passed"]


def test_run_with_a_missing_job_is_red(topic: Topic) -> None:
    """A run of fewer rows than it planned."""
    rows = [row("a", PASSED)]
    run = replace(header(rows), planned=2)
    TopicReporter("arn:t", "s3://b", topic.store, pages(), topic.client).finish(run, rows, NOW)
    assert topic.client.subjects() == ["uitest: not green, 1 passed"]


def test_message_that_was_not_sent_is_sent_by_the_next_run(topic: Topic) -> None:
    """A recovery that did not get through waits for the next green run."""
    topic.ends(row("a", FAILED))
    topic.client.is_broken = True
    with pytest.raises(PlaceError):
        topic.ends(row("a", PASSED))
    topic.client.is_broken = False
    assert topic.ends(row("a", PASSED)) == ["uitest: green again, 1 passed"]


def test_message_is_published_to_the_topic(topic: Topic) -> None:
    """Subject and text as they are made."""
    run, rows = every_outcome(RunState.INTERRUPTED)
    TopicReporter("arn:t", "s3://b", topic.store, pages(), topic.client).finish(run, rows, NOW)
    subject, text = text_of(RED, run, rows, "s3://b")
    assert topic.client.sent == [{"TopicArn": "arn:t", "Subject": subject, "Message": text}]


def test_remembered_state_holds_no_address() -> None:
    """An address may have a password in it."""
    rows = [row("a", PASSED)]
    run = replace(header(rows), url="https://me:secret@shop.example")
    assert not any("secret" in key for key in marks(run, rows, NOW))


def test_brief_shows_counts_and_names_in_one_line() -> None:
    """Counts, and the names of what was not plainly green."""
    rows = [row("a", PASSED), row("b", *FLAKY), row("c", FAILED, browser="firefox")]
    reported = brief(header(rows), rows, NOW)
    assert reported == "1 passed, 1 flaky, 1 failed: failed login/c in firefox, flaky login/b in chrome"
    green = [row("a", PASSED)]
    assert brief(header(green), green, NOW) == "1 passed"
    assert brief(replace(header(green), planned=3), green, NOW) == "1 passed, 2 missing"


def test_quarantine_that_is_over_is_told() -> None:
    """In the line of the job, of the summary and of the message."""
    rows = [row("a", FAILED)]
    run = replace(header(rows), quarantine=(Quarantine("2020-01-01", case="a", owner="@me"),))
    note = "(its quarantine is over: until 2020-01-01, @me)"
    assert brief(run, rows, NOW) == f"1 failed: failed login/a in chrome {note}"
    outcomes = [(rows[0], fold(rows[0], run, NOW))]
    parts = sections(outcomes, Comparison(), quarantined(rows, run, Past(), NOW))
    assert message(News.RED, run, rows, "https://site.example", NOW, parts)[1].endswith(note)


def test_one_line_has_its_limit() -> None:
    """What does not fit is counted; hostile words stay a line of ASCII."""
    rows = [row(f"case_{n:03}", FAILED) for n in range(300)]
    reported = brief(header(rows), rows, NOW)
    assert len(reported) <= BRIEF_LIMIT
    assert reported.startswith("300 failed: failed login/case_000 in chrome, ")
    shown = reported.count("case_")
    assert reported.endswith(f" and {300 - shown} more")
    assert shown > 3
    long = [row("x" * 300, FAILED)]
    assert brief(header(long), long, NOW) == "1 failed"
    run, nasty = hostile()
    reported = brief(replace(run, note="ü\n" * 200), nasty, NOW)
    assert (len(reported), reported.isascii(), reported.isprintable()) == (BRIEF_LIMIT, True, True)
    assert reported.endswith("...")
