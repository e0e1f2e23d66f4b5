"""The event: what the coordinator writes a function reads, and nothing else."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import make_run
from tests.support.properties import quick
from uitest.errors import UsageError
from uitest.executors.attempt import Assignment, Task
from uitest.executors.aws.event import PAYLOAD_LIMIT, Invocation
from uitest.model import Job

JOB = Job("m", "c", "chrome")


def make(tasks: tuple[Task, ...] = (Task(JOB, 1),), **options: str) -> Invocation:
    """One with these tasks."""
    return Invocation("http://x", Assignment("r", "dynamodb:a,b", "s3://x", 0, tasks), options)


@quick
@given(texts=st.lists(st.text(), min_size=3, max_size=3), number=st.integers(1, 99))
def test_event_with_any_ids_survives_json(texts: list[str], number: int) -> None:
    """Whatever ids hold."""
    sent = make((Task(Job(*texts), number), Task(JOB, 2)), headless="new")
    assert Invocation.from_event(json.loads(sent.to_event())) == sent


def test_reuse_needs_the_option() -> None:
    """An event of a coordinator that does not know the option asks for fresh browsers."""
    event = json.loads(replace(make(), reuse_browser=True).to_event())
    assert Invocation.from_event(event).reuse_browser is True
    del event["reuse_browser"]
    assert Invocation.from_event(event).reuse_browser is False


def test_options_are_single_words() -> None:
    """A value with spaces or dashes is a value."""
    assert make(grid="http://g -p x").words() == ("--uitest-grid=http://g -p x",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"url": "file:///etc/passwd"}, "not the address of a site"),
        ({"url": None}, "not the address of a site"),
        ({"options": {"assignment": "/x"}}, "unknown option 'assignment'"),
        ({"options": {"grid": 1}}, "unknown option 'grid'"),
        ({"options": None}, "AttributeError"),
        ({"reuse_browser": "no"}, "reuse_browser must be true or false, not 'no'"),
        ({"assignment": {}}, "KeyError: 'tasks'"),
        ({"assignment": 3}, "TypeError"),
        ({"uitest": 9}, "version 9"),
    ],
)
def test_wrong_event_is_refused_in_one_line(change: dict[str, Any], message: str) -> None:
    """Each is told apart in one line."""
    event = {**json.loads(make().to_event()), **change}
    with pytest.raises(UsageError, match=message):
        Invocation.from_event(event)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"run": None}, "run must be a text"),
        ({"surprise": 1}, "surprise"),
        ({"tasks": [["m", "c", "chrome", None, 0]]}, "must be 1 or more"),
        ({"tasks": [["m", 1, "chrome", None, 1]]}, "not three texts"),
        ({"tasks": [["m", "c"]]}, "ValueError"),
    ],
)
def test_wrong_assignment_is_refused_in_one_line(change: dict[str, Any], message: str) -> None:
    """As events are."""
    event = json.loads(make().to_event())
    event["assignment"].update(change)
    with pytest.raises(UsageError, match=message):
        Invocation.from_event(event)


@pytest.mark.parametrize("event", [None, [], "x", {}, {"Records": []}])
def test_foreign_event_is_refused(event: object) -> None:
    """The function was wired to something else."""
    with pytest.raises(UsageError, match="not from uitest"):
        Invocation.from_event(event)


def test_too_large_event_is_refused_before_it_is_sent() -> None:
    """It is told before it is sent, with what to do."""
    tasks = tuple(Task(Job("m", f"{n}" * 300, "chrome"), 1) for n in range(100, 2_000))
    with pytest.raises(UsageError, match="--cases-per-invocation"):
        make(tasks).to_event()
    assert len(make(tasks[:500]).to_event()) < PAYLOAD_LIMIT


def test_insecure_flag_is_a_word_only_when_asked_for() -> None:
    """A flag is a word without a value, and is not there unless it is asked for."""
    header = make_run(settings={"insecure": True, "lease": 5.0})
    invocation = Invocation.of(header, "dynamodb:a,b")
    assert invocation.words() == ("--uitest-insecure",)
    assert Invocation.from_event(json.loads(invocation.to_event())) == invocation
    assert invocation.assignment.lease_s == 5.0
    assert Invocation.of(make_run(), "dynamodb:a,b").words() == ()
