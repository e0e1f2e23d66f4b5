"""What the status of a stack allows as the next step of a deployment or a removal. Pure."""

from enum import Enum


class Step(Enum):
    """The next step towards a deployed stack."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    """A first deployment has failed: nothing but deleting is allowed, then the stack can be created."""
    WAIT = "wait"
    """Another operation is running, perhaps that of an interrupted command."""
    CONTINUE_ROLLBACK = "continue rollback"
    """An update has failed, and undoing it as well."""


STEPS = {
    "CREATE_COMPLETE": Step.UPDATE,
    "CREATE_FAILED": Step.DELETE,
    "DELETE_COMPLETE": Step.CREATE,
    "DELETE_FAILED": Step.DELETE,
    "IMPORT_COMPLETE": Step.UPDATE,
    "IMPORT_ROLLBACK_COMPLETE": Step.UPDATE,
    "IMPORT_ROLLBACK_FAILED": Step.CONTINUE_ROLLBACK,
    # Made by a change set that was never executed.
    "REVIEW_IN_PROGRESS": Step.CREATE,
    "ROLLBACK_COMPLETE": Step.DELETE,
    "ROLLBACK_FAILED": Step.DELETE,
    "UPDATE_COMPLETE": Step.UPDATE,
    "UPDATE_FAILED": Step.UPDATE,
    "UPDATE_ROLLBACK_COMPLETE": Step.UPDATE,
    "UPDATE_ROLLBACK_FAILED": Step.CONTINUE_ROLLBACK,
}
"""By status; a test compares them with those that botocore knows."""


def next_step(status: str | None) -> Step:
    """The next step towards a deployed stack; ``status`` is None where there is no stack."""
    if status is None:
        return Step.CREATE
    return STEPS.get(status, Step.WAIT)


def is_running(status: str) -> bool:
    """Whether AWS is working on the stack."""
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def has_succeeded(status: str) -> bool:
    """Whether a creation or an update that ended with this status has succeeded."""
    return status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
