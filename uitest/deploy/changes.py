"""A change set as rows of a table. Pure but for the function that describes nested change sets."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Change:
    """What would happen to one resource."""

    action: str
    """``add``, ``modify``, ``remove``, ``import`` or ``dynamic``."""
    resource: str
    """Logical id, after those of the stacks it is in: ``Runner/CaseFunction``."""
    type: str
    replacement: str
    """``yes``, ``no``, ``perhaps``; empty where nothing is modified."""


REPLACEMENT = {"True": "yes", "False": "no", "Conditional": "perhaps"}


def rows(changes: Iterable[dict[str, Any]], nested: Callable[[str], Iterable[dict[str, Any]]]) -> list[Change]:
    """The changes of a change set as CloudFormation describes them; ``nested`` describes the one with an ARN."""
    return list(_rows(changes, nested, ""))


def _rows(
    changes: Iterable[dict[str, Any]], nested: Callable[[str], Iterable[dict[str, Any]]], prefix: str
) -> Iterable[Change]:
    for change in changes:
        about = change.get("ResourceChange")
        if not about:
            continue
        resource, action = prefix + about["LogicalResourceId"], about["Action"].lower()
        inner = list(nested(about["ChangeSetId"])) if about.get("ChangeSetId") else []
        # A nested stack counts as modified whenever its parent is; what happens inside of it says more.
        if not (inner and about["ResourceType"] == STACK and action == "modify"):
            replacement = REPLACEMENT.get(about.get("Replacement", ""), "") if action == "modify" else ""
            yield Change(action, resource, about["ResourceType"], replacement)
        yield from _rows(inner, nested, f"{resource}/")
