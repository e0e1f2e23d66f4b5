"""States of a stack that no emulator makes, with a scripted CloudFormation."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from uitest.deploy.account import Account
from uitest.deploy.stack import Event, Stack
from uitest.errors import DeployError, DeployFailed

ARN = "arn:aws:cloudformation:eu-west-1:1:stack/shop/1"
INNER = "arn:aws:cloudformation:eu-west-1:1:stack/shop-Runner/2"


class Formation:
    """Goes from status to status, one further at each look that finds it in progress, or after a call.

    ``statuses``: those to come; None is no stack. ``after``: what a call puts before them. ``calls``: names of calls
    that change something. ``events``: by stack.
    """

    def __init__(self, *statuses: str | None, after: dict[str, list[str | None]] | None = None) -> None:
        self.statuses, self.after = list(statuses), after or {}
        self.calls: list[str] = []
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.change_set = {"Status": "CREATE_COMPLETE"}

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        """The status now."""
        status = self.statuses[0]
        if status and status.endswith("_IN_PROGRESS") and len(self.statuses) > 1:
            self.statuses.pop(0)
        if status is None:
            raise error("ValidationError", f"Stack with id {StackName} does not exist")
        return {"Stacks": [{"StackId": ARN, "StackStatus": status}]}

    def describe_change_set(self, **_words: str) -> dict[str, Any]:
        """Made at once."""
        return self.change_set

    def get_paginator(self, name: str) -> "Formation":
        """Of events only."""
        assert name == "describe_stack_events"
        return self

    def paginate(self, StackName: str) -> list[dict[str, Any]]:  # noqa: N803
        """One page, newest first."""
        return [{"StackEvents": list(reversed(self.events.get(StackName, [])))}]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A call that changes something."""

        def call(**words: Any) -> dict[str, Any]:
            self.calls.append(f"{name} {words['ChangeSetType']}" if "ChangeSetType" in words else name)
            if name in self.after:
                self.statuses = self.after[name]
            return {"Id": "arn:change-set"}

        return call


def error(code: str, message: str) -> ClientError:
    """An answer of AWS."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")


def stack(formation: Formation, events: list[Event] | None = None) -> Stack:
    """One that does not sleep."""
    account = Account("eu-west-1", "1", {"cloudformation": formation})
    return Stack(account, "shop", (events if events is not None else []).append, sleep=lambda _: None)


def happened(
    number: int, name: str, status: str, kind: str = "T", at: str = "shop", inner: str = "id", **more: str
) -> Any:
    """An event as CloudFormation describes it."""
    return {
        "EventId": str(number), "StackId": ARN if at == "shop" else INNER, "Timestamp": number,
        "LogicalResourceId": name, "PhysicalResourceId": inner, "ResourceType": kind, "ResourceStatus": status, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("statuses", "after", "calls", "messages"),
    [
        ([None], {}, [], []),
        (["UPDATE_COMPLETE"], {}, [], []),
        (["REVIEW_IN_PROGRESS"], {}, [], []),
        (["CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"], {}, [], ["waiting"]),
        (["ROLLBACK_COMPLETE"], {"delete_stack": ["DELETE_IN_PROGRESS", None]}, ["delete_stack"], ["removing"]),
        (
            ["ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED"],
            {"delete_stack": ["DELETE_IN_PROGRESS", None]},
            ["delete_stack"],
            ["waiting", "removing"],
        ),
        (
            ["UPDATE_ROLLBACK_FAILED"],
            {"continue_update_rollback": ["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"]},
            ["continue_update_rollback"],
            ["going on"],
        ),
    ],
)
def test_interrupted_stack_can_be_deployed_again(
    statuses: list[str | None], after: dict[str, list[str | None]], calls: list[str], messages: list[str]
) -> None:
    """Whatever an earlier command left, the stack can be created or updated afterwards."""
    formation, lines = Formation(*statuses, after=after), list[str]()
    stack(formation).settle(lines.append)
    assert formation.calls == calls
    assert [line.partition(": ")[2].split(" what")[0].split(" for")[0].split(" with")[0] for line in lines] == messages


def test_stack_that_cannot_settle_ends_with_status_and_cause() -> None:
    """Ends with the status and the cause, and not in a loop."""
    formation = Formation("ROLLBACK_COMPLETE", after={"delete_stack": ["DELETE_IN_PROGRESS", "DELETE_FAILED"]})

    def delete(**_words: str) -> None:
        formation.events["shop"] = formation.events[ARN] = [
            happened(1, "shop", "DELETE_IN_PROGRESS", inner=ARN),
            happened(2, "Bucket", "DELETE_FAILED", "AWS::S3::Bucket", ResourceStatusReason="not\n empty"),
        ]
        formation.statuses = ["DELETE_IN_PROGRESS", "DELETE_FAILED"]

    formation.delete_stack = delete  # type: ignore[method-assign]
    with pytest.raises(DeployFailed, match=r"shop stays DELETE_FAILED: Bucket \(AWS::S3::Bucket\): not empty; look"):
        stack(formation).settle(lambda _: None)


def test_events_of_nested_stacks() -> None:
    """Are told once, by their path; earlier operations are not; the cause is named and its consequences are not."""
    formation, events = Formation("UPDATE_COMPLETE"), list[Event]()
    nested = "AWS::CloudFormation::Stack"
    formation.events = {
        "shop": [happened(1, "Runner", "CREATE_COMPLETE", nested, inner=INNER)],
        INNER: [happened(2, "Old", "CREATE_COMPLETE", at="inner")],
    }

    def execute(**_words: str) -> None:
        formation.statuses = ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"]
        formation.events[ARN] = [
            *formation.events["shop"],
            happened(3, "shop", "UPDATE_IN_PROGRESS", nested, inner=ARN),
            happened(4, "Runner", "UPDATE_IN_PROGRESS", nested, inner=INNER),
            happened(7, "Runner", "UPDATE_FAILED", nested, inner=INNER, ResourceStatusReason="Embedded stack failed"),
        ]
        formation.events[INNER] += [
            happened(5, "Function", "UPDATE_FAILED", "F", at="inner", ResourceStatusReason="no such image"),
            happened(6, "Queue", "UPDATE_FAILED", "Q", at="inner", ResourceStatusReason="Resource update cancelled"),
        ]

    formation.execute_change_set = execute  # type: ignore[method-assign]
    with pytest.raises(DeployFailed) as caught:
        stack(formation, events).deploy("https://template", {})
    assert str(caught.value) == (
        "the stack shop is not deployed, it is UPDATE_ROLLBACK_COMPLETE: Runner/Function (F): no such image"
    )
    assert [(event.resource, event.status) for event in events] == [
        ("", "UPDATE_IN_PROGRESS"),
        ("Runner", "UPDATE_IN_PROGRESS"),
        ("Runner/Function", "UPDATE_FAILED"),
        ("Runner/Queue", "UPDATE_FAILED"),
        ("Runner", "UPDATE_FAILED"),
    ]


@pytest.mark.parametrize("reason", ["The submitted information didn't contain changes. Submit ...",
                                    "No updates are to be performed."])  # fmt: skip
def test_unchanged_stack_is_a_success_without_change_set(reason: str) -> None:
    """Is no failure, and leaves no change set."""
    formation = Formation("UPDATE_COMPLETE")
    formation.change_set = {"Status": "FAILED", "StatusReason": reason}
    assert stack(formation).deploy("https://template", {}) is False
    assert formation.calls == ["create_change_set UPDATE", "delete_change_set"]


def test_refused_change_is_one_line() -> None:
    """Is told in AWS's words on one line."""
    formation = Formation(None)
    formation.change_set = {"Status": "FAILED", "StatusReason": "Template error:\n  no"}
    with pytest.raises(DeployFailed, match=r"AWS refuses the change of the stack shop: Template error: no$"):
        stack(formation).deploy("https://template", {})
    assert formation.calls == ["create_change_set CREATE", "delete_change_set"]


def test_errors_of_aws_are_one_line() -> None:
    """With what to do."""

    def refuse(**_words: str) -> None:
        raise error("AccessDenied", "User x is not authorized")

    formation = Formation("UPDATE_COMPLETE")
    formation.describe_stacks = refuse  # type: ignore[method-assign, assignment]
    with pytest.raises(DeployError, match=r"no permission for cloudformation:DescribeStacks on stack 'shop'; allow it"):
        stack(formation).describe()


def test_wrong_values_are_told_with_what_to_do() -> None:
    """CloudFormation names the parameter."""

    def refuse(**_words: str) -> None:
        message = "Parameter 'SourceKind' must be one of AllowedValues."
        raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "CreateChangeSet")

    formation = Formation("UPDATE_COMPLETE")
    formation.create_change_set = refuse  # type: ignore[method-assign]
    with pytest.raises(DeployError) as caught:
        stack(formation).deploy("https://template", {})
    assert str(caught.value) == (
        "AWS refuses cloudformation:CreateChangeSet on stack 'shop': "
        "Parameter 'SourceKind' must be one of AllowedValues; correct what it names"
    )


def test_preview_of_a_stack_that_must_be_removed_is_refused() -> None:
    """Cannot be made, and nothing is touched."""
    formation = Formation("ROLLBACK_COMPLETE")
    assert stack(formation).preview({}, url="https://template") is None
    assert formation.calls == []
