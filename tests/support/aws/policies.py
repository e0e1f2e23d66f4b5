"""Policies of the stack's roles, and whether they allow a call."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.support.aws.stack import Stack


@dataclass(frozen=True, order=True)
class Call:
    """What a role did, or may do."""

    action: str
    """As in policies: ``s3:PutObject``."""
    resource: str
    """An ARN; in a policy with ``*``."""

    def covers(self, call: "Call") -> bool:
        """Whether a policy that says this allows the call."""
        return self.action == call.action and fnmatchcase(call.resource, self.resource)


def statements(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Those of a policy, with actions and resources as lists."""
    for statement in document["Statement"]:
        as_lists = {name: _list(statement[name]) for name in ("Action", "Resource") if name in statement}
        yield {**statement, **as_lists}


def allowed(stack: Stack, role: str, policy: str = "code") -> set[Call]:
    """What a policy inside a role allows; ``role`` by stack and logical id."""
    about = stack.find("AWS::IAM::Role")[role]
    return {
        Call(action, resource)
        for inline in about.get("Policies", ())
        if inline["PolicyName"] == policy
        for statement in statements(inline["PolicyDocument"])
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def within(stack: Stack, role: str, calls: set[Call], policy: str = "code") -> None:
    """Every call is allowed; there are some."""
    may = allowed(stack, role, policy)
    missing = {call for call in calls if not any(statement.covers(call) for statement in may)}
    assert calls
    assert not missing, f"{role} may not: {sorted(missing)}"


def compare(stack: Stack, role: str, calls: set[Call]) -> None:
    """Every call is allowed, and everything that is allowed was called."""
    within(stack, role, calls)
    may = allowed(stack, role)
    spare = {statement for statement in may if not any(statement.covers(call) for call in calls)}
    assert not spare, f"{role} need not: {sorted(spare)}"


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
