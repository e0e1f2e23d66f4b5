"""Change sets as rows."""

from typing import Any

from uitest.deploy.changes import STACK, Change, rows


def change(action: str, name: str, kind: str, **more: str) -> dict[str, Any]:
    """As CloudFormation describes it."""
    return {
        "Type": "Resource",
        "ResourceChange": {"Action": action, "LogicalResourceId": name, "ResourceType": kind, **more},
    }


def test_changes_of_nested_stacks_replace_their_own_row() -> None:
    """What happens inside of a nested stack is told instead of its own modification; what is not a resource is not."""
    inner = {
        "arn:1": [change("Modify", "Function", "F", Replacement="Conditional"), change("Remove", "Old", "O")],
        "arn:2": [],
    }
    changes = rows(
        [
            change("Modify", "Runner", STACK, ChangeSetId="arn:1", Replacement="False"),
            change("Modify", "Site", STACK, ChangeSetId="arn:2", Replacement="False"),
            change("Add", "Alarms", STACK, Replacement=""),
            change("Modify", "Table", "T", Replacement="True"),
            {"Type": "Hook"},
        ],
        inner.__getitem__,
    )
    assert changes == [
        Change("modify", "Runner/Function", "F", "perhaps"),
        Change("remove", "Runner/Old", "O", ""),
        Change("modify", "Site", STACK, "no"),
        Change("add", "Alarms", STACK, ""),
        Change("modify", "Table", "T", "yes"),
    ]
