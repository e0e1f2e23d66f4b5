"""One CloudFormation stack, nested ones included: change sets, what happens to resources, and waiting for the end."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from uitest.deploy import changes, stack_status
from uitest.deploy.account import Account, error_code, translating
from uitest.deploy.changes import STACK, Change
from uitest.errors import DeployFailed

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
SOONEST_S, LATEST_S = 0.2, 5.0
"""The first and the longest pause between two looks at a stack."""

CAUSES = 3
"""Failed resources that an error message names."""

NOTHING_TO_DO = ("didn't contain changes", "no updates are to be performed")
"""How CloudFormation explains a change set that failed because it is empty."""


@dataclass(frozen=True)
class Event:
    """What CloudFormation said about a resource."""

    resource: str
    """Logical id, after those of the stacks it is in; empty for the stack itself."""
    type: str
    status: str
    reason: str

    @property
    def failed(self) -> bool:
        """Whether it says that something went wrong."""
        return self.status.endswith("_FAILED")

    @property
    def is_cause(self) -> bool:
        """Whether it says what went wrong, and not only that something else did."""
        return self.failed and self.type != STACK and "cancelled" not in self.reason.lower()


Notify = Callable[[Event], None]


class Stack:
    """A stack of this name.

    ``name``: its name. ``_notify``: called with every event. ``_since``: time of the operation's first event, by the
    clock of AWS: nested stacks have older ones. ``_seen``: ids of known events. ``_failures``: what went wrong since.
    ``_nested``: by stack, ARNs of nested ones that the operation changes, and how their resources' paths begin.
    """

    def __init__(
        self, account: Account, name: str, notify: Notify, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.name = name
        self._cloudformation = account.client("cloudformation")
        self._notify, self._sleep = notify, sleep
        self._seen: set[str] = set()
        self._since: Any = None
        self._failures: list[Event] = []
        self._nested: dict[str, dict[str, str]] = {}

    def describe(self) -> dict[str, Any] | None:
        """The stack as CloudFormation describes it, None where there is none. Raises DeployError."""
        with self._translating():
            return self._described(self.name)

    def parameters(self) -> dict[str, str]:
        """Values of the last deployment; none where there is no stack."""
        parameters = (self.describe() or {}).get("Parameters", ())
        return {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in parameters}

    def outputs(self) -> dict[str, str]:
        """Values that the stack gives out."""
        outputs = (self.describe() or {}).get("Outputs", ())
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def settle(self, say: Callable[[str], None]) -> None:
        """Bring the stack into a state from which it can be created or updated. Raises DeployError, DeployFailed.

        Waits for a running operation, deletes what a failed first deployment left, and ends a rollback that got stuck.
        ``say`` is told what is done.
        """
        tried: set[stack_status.Step] = set()
        while True:
            status = (self.describe() or {}).get("StackStatus")
            step = stack_status.next_step(status)
            if step in (stack_status.Step.CREATE, stack_status.Step.UPDATE):
                return
            if step in tried:
                raise DeployFailed(f"the stack {self.name} stays {status}{self._because()}; look at it in the console")
            if step is stack_status.Step.WAIT:
                say(f"the stack {self.name} is {status}: waiting for that to end")
                self._wait()
                continue
            tried.add(step)
            with self._translating():
                self._start()
                if step is stack_status.Step.DELETE:
                    say(f"the stack {self.name} is {status}: removing what a failed deployment left of it")
                    self._cloudformation.delete_stack(StackName=self.name)
                else:
                    say(f"the stack {self.name} is {status}: going on with the rollback")
                    self._cloudformation.continue_update_rollback(StackName=self.name)
            self._wait()

    def preview(self, parameters: Mapping[str, str], *, url: str = "", body: str = "") -> list[Change] | None:
        """What a deployment would change; None if it cannot be told in the stack's state.

        The main template is at ``url``, or its text is ``body``: then the nested ones are not in S3, and what is inside
        of them is not told. Leaves no change set behind, and no empty stack. Raises DeployError.
        """
        template = {"TemplateURL": url} if url else {"TemplateBody": body}
        described = self.describe()
        step = stack_status.next_step((described or {}).get("StackStatus"))
        if step not in (stack_status.Step.CREATE, stack_status.Step.UPDATE):
            return None
        with self._translating():
            change_set = self._change_set(template, parameters, step, nested=bool(url))
            try:
                return changes.rows(self._changes(change_set), self._changes) if change_set else []
            finally:
                if change_set:
                    self._cloudformation.delete_change_set(StackName=self.name, ChangeSetName=change_set)
                if step is stack_status.Step.CREATE:
                    self._cloudformation.delete_stack(StackName=self.name)
                    self._wait()

    def deploy(self, url: str, parameters: Mapping[str, str]) -> bool:
        """Create or update the stack, and wait; False if nothing had to change. Raises DeployError, DeployFailed."""
        step = stack_status.next_step((self.describe() or {}).get("StackStatus"))
        with self._translating():
            change_set = self._change_set({"TemplateURL": url}, parameters, step, nested=False)
            if change_set is None:
                return False
            self._start()
            self._cloudformation.execute_change_set(StackName=self.name, ChangeSetName=change_set)
        status = self._wait()
        if status is None or not stack_status.has_succeeded(status):
            raise DeployFailed(f"the stack {self.name} is not deployed, it is {status}{self._because()}")
        return True

    def delete(self) -> None:
        """Delete the stack, and wait. Raises DeployError, DeployFailed."""
        with self._translating():
            self._start()
            self._cloudformation.delete_stack(StackName=self.name)
        status = self._wait()
        if status is not None:
            raise DeployFailed(
                f"the stack {self.name} is not removed, it is {status}{self._because()}; repeat the command"
            )

    def resources(self) -> Iterator[tuple[str, str, str]]:
        """Path, type and physical id of every resource, those of nested stacks included. Raises DeployError."""
        with self._translating():
            yield from self._resources(self.name, "")

    def _resources(self, stack: str, prefix: str) -> Iterator[tuple[str, str, str]]:
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        for resource in (resource for page in pages for resource in page["StackResourceSummaries"]):
            if resource["ResourceStatus"] == "DELETE_COMPLETE" or not resource.get("PhysicalResourceId"):
                continue
            yield prefix + resource["LogicalResourceId"], resource["ResourceType"], resource["PhysicalResourceId"]
            if resource["ResourceType"] == STACK:
                yield from self._resources(resource["PhysicalResourceId"], f"{prefix}{resource['LogicalResourceId']}/")

    def _described(self, stack: str) -> dict[str, Any] | None:
        try:
            stack_description: dict[str, Any] = self._cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        except Exception as exc:
            if error_code(exc) == "ValidationError" and "does not exist" in str(exc):
                return None
            raise
        return None if stack_description["StackStatus"] == "DELETE_COMPLETE" else stack_description

    def _change_set(
        self, template: Mapping[str, str], parameters: Mapping[str, str], step: stack_status.Step, *, nested: bool
    ) -> str | None:
        """The ARN of a new change set that can be executed; None if it is empty."""
        created = self._cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"uitest-{uuid.uuid4().hex[:12]}",
            ChangeSetType=step.value.upper(),
            **template,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=CAPABILITIES,
            IncludeNestedStacks=nested,
        )
        name = str(created["Id"])
        for _ in self._pauses():
            about = self._cloudformation.describe_change_set(StackName=self.name, ChangeSetName=name)
            if about["Status"] not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
                break
        if about["Status"] == "CREATE_COMPLETE":
            return name
        self._cloudformation.delete_change_set(StackName=self.name, ChangeSetName=name)
        reason = about.get("StatusReason") or about["Status"]
        if any(text in reason.lower() for text in NOTHING_TO_DO):
            return None
        raise DeployFailed(f"AWS refuses the change of the stack {self.name}: {' '.join(reason.split())}")

    def _changes(self, change_set: str) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = []
        pages = self._cloudformation.get_paginator("describe_change_set").paginate(ChangeSetName=change_set)
        for page in pages:
            listed += page.get("Changes", ())
        return listed

    def _start(self) -> None:
        """Begin to follow an operation: what has happened so far is not told again."""
        self._since, self._failures, self._nested = None, [], {}
        if self._described(self.name) is not None:
            self._seen |= {event["EventId"] for event in self._latest(self.name)}

    def _wait(self) -> str | None:
        """Wait until no operation is running, telling of events; the status then, None if the stack is gone."""
        with self._translating():
            described = self._described(self.name)
            if described is None:
                return None
            arn = described["StackId"]  # what is deleted can be described by its ARN only
            for _ in self._pauses():
                described = self._described(arn)
                self._tell(arn)
                if described is None or not stack_status.is_running(described["StackStatus"]):
                    return described["StackStatus"] if described else None
        raise AssertionError("pauses do not end")

    def _tell(self, arn: str) -> None:
        """Tell of new events, oldest first."""
        for event in sorted(self._new_events(arn, ""), key=lambda pair: pair[0]):
            if event[1].failed and event[1].resource:
                self._failures.append(event[1])
            self._notify(event[1])

    def _new_events(self, stack: str, prefix: str) -> Iterator[tuple[Any, Event]]:
        """Times and events that are not known yet, of a stack and of those that this operation changes in it."""
        nested = self._nested.setdefault(stack, {})
        for event in reversed(self._latest(stack)):
            if event["EventId"] in self._seen:
                continue
            self._seen.add(event["EventId"])
            if self._since is None:
                self._since = event["Timestamp"]
            if event["Timestamp"] < self._since:
                continue
            inner, path = event.get("PhysicalResourceId"), prefix + event["LogicalResourceId"]
            itself = inner == event["StackId"]
            if event["ResourceType"] == STACK and inner and not itself:
                nested[inner] = f"{path}/"
            reason = " ".join(event.get("ResourceStatusReason", "").split())
            if not (itself and prefix):  # a nested stack is reported by the one that contains it
                name = "" if itself else path
                yield event["Timestamp"], Event(name, event["ResourceType"], event["ResourceStatus"], reason)
        for inner, path in nested.items():
            yield from self._new_events(inner, path)

    def _latest(self, stack: str) -> list[dict[str, Any]]:
        """Events of a stack, newest first, back to the first that is known."""
        events: list[dict[str, Any]] = []
        for page in self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack):
            events += page["StackEvents"]
            if any(event["EventId"] in self._seen for event in page["StackEvents"]):
                break
        return events

    def _because(self) -> str:
        causes = [failure for failure in self._failures if failure.is_cause] or self._failures
        descriptions = [f"{failure.resource} ({failure.type}): {failure.reason}" for failure in causes[:CAUSES]]
        return f": {'; '.join(descriptions)}" if descriptions else ""

    def _pauses(self) -> Iterable[None]:
        """Endless, with a pause before each but the first."""
        pause = SOONEST_S
        yield
        while True:
            self._sleep(pause)
            pause = min(LATEST_S, pause * 1.5)
            yield

    def _translating(self) -> Any:
        return translating(f"stack {self.name!r}", "cloudformation")
