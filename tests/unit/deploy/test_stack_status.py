"""What each status of a stack allows."""

import botocore.session
import pytest

from uitest.deploy.stack_status import STEPS, Step, has_succeeded, is_running, next_step

KNOWN = botocore.session.Session().get_service_model("cloudformation").shape_for("StackStatus").enum


def test_every_status_is_known() -> None:
    """Those at rest by name, all others are waited for."""
    running = {status for status in KNOWN if is_running(status)}
    assert set(KNOWN) - running == set(STEPS)
    assert {next_step(status) for status in running} == {Step.WAIT}


@pytest.mark.parametrize(
    ("status", "step"),
    [
        (None, Step.CREATE),
        ("REVIEW_IN_PROGRESS", Step.CREATE),
        ("ROLLBACK_COMPLETE", Step.DELETE),
        ("UPDATE_ROLLBACK_FAILED", Step.CONTINUE_ROLLBACK),
        ("UPDATE_ROLLBACK_COMPLETE", Step.UPDATE),
        ("CREATE_IN_PROGRESS", Step.WAIT),
    ],
)
def test_next_step_leads_to_a_deployed_stack(status: str | None, step: Step) -> None:
    """Towards a deployed stack."""
    assert next_step(status) is step


def test_only_creation_and_update_are_success() -> None:
    """Only of a creation or an update; what was rolled back is complete as well."""
    assert {status for status in KNOWN if has_succeeded(status)} == {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
