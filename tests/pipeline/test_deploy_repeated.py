"""A first ``uitest deploy`` that ends early, or finds what an earlier one left: the same command repeated succeeds.

The processes are really interrupted and killed. The emulated account makes these states by itself: a bucket for
templates, a stack whose creation has begun, one in ROLLBACK_COMPLETE (a resource is refused once), and a build that
nobody waits for. Made by the test with calls of its own: a change set that was never executed (as after a kill between
two calls), and a table with a fixed name of which the rest is missing.
"""

import re
import signal
from pathlib import Path

import pytest

from tests.support.aws.emulated_account import LIMIT_S, SOURCE, Aws, account
from uitest.deploy.stack_status import next_step


def stop(aws: Aws, line: str, number: signal.Signals) -> tuple[int, str]:
    """Send a signal to a first deployment when it has written this line; its exit code and what it wrote after that."""
    process = aws.start("deploy", "shop", *SOURCE)
    assert process.stderr
    while line not in (written := process.stderr.readline()):
        assert written, "the command has ended"
    process.send_signal(number)
    errors = process.communicate(timeout=LIMIT_S)[1]
    return process.returncode, errors


def status(aws: Aws) -> str | None:
    """The status of the stack, None where there is none."""
    with aws.client("cloudformation") as formation:
        stacks = formation.list_stacks()["StackSummaries"]
        return next((summary["StackStatus"] for summary in stacks if summary["StackName"] == "shop"), None)


def assert_deployed_by_repeating(aws: Aws) -> str:
    """Repeat the command; everything is there then. Returns what it told."""
    errors = aws.run("deploy", "shop", *SOURCE)[1]
    assert errors.endswith("the stack shop is deployed\n")
    assert status(aws) in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    with aws.client("lambda") as functions:
        assert re.search(r"/shop@sha256:\w+$", functions.get_function(FunctionName="shop-cases")["Code"]["ImageUri"])
    assert "the stack shop is up to date\n" in aws.run("deploy", "shop")[1]
    return errors


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
@pytest.mark.parametrize("line", ["created the bucket", "create complete", "building the image"])
def test_first_deployment_that_is_stopped_is_finished_by_the_same_command(
    line: str, number: signal.Signals, tmp_path: Path
) -> None:
    """Before there is a stack, at its first resource, while the image is built; SIGINT ends with 130."""
    first_build = "never ends" if line == "building the image" else ""
    with account(tmp_path, UITEST_TEST_FIRST_BUILD=first_build) as aws:
        code, errors = stop(aws, line, number)
        if number is signal.SIGINT:
            assert code == 130, errors
            assert "repeat the command for shop to see it through\n" in errors
            assert errors.endswith("uitest: interrupted\n")
        else:
            assert code == -signal.SIGKILL
        assert_deployed_by_repeating(aws)


def test_first_deployment_that_failed_is_finished_by_the_same_command(tmp_path: Path) -> None:
    """It says what failed, and leaves nothing that keeps the second from succeeding."""
    with account(tmp_path, UITEST_TEST_FAILS="AWS::CloudFront::Distribution") as aws:
        errors = aws.run("deploy", "shop", *SOURCE, code=3)[1]
        message = errors.splitlines()[-1]
        assert message.startswith("uitest: the stack shop is not deployed, it is ROLLBACK_COMPLETE: ")
        assert message.endswith("Distribution is refused by the test")
        assert status(aws) == "ROLLBACK_COMPLETE"
        errors = assert_deployed_by_repeating(aws)
        assert "the stack shop is ROLLBACK_COMPLETE: removing what a failed deployment left of it\n" in errors


def test_change_set_that_was_never_executed_does_not_keep_a_deployment_from_succeeding(tmp_path: Path) -> None:
    """A stack without resources is left where a deployment is killed between creating and executing its change set."""
    with account(tmp_path) as aws:
        with aws.client("cloudformation") as formation:
            body = '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}'
            formation.create_change_set(
                StackName="shop", ChangeSetName="left", ChangeSetType="CREATE", TemplateBody=body
            )
        assert status(aws) == "REVIEW_IN_PROGRESS"
        assert next_step("REVIEW_IN_PROGRESS") is next_step(None)
        assert_deployed_by_repeating(aws)


@pytest.mark.slow
def test_table_that_an_earlier_stack_left_alone_is_named_with_the_way_out(tmp_path: Path) -> None:
    """The command that the message names makes the next deployment succeed."""
    with account(tmp_path) as aws:
        with aws.client("dynamodb") as tables:
            tables.create_table(
                TableName="shop-modules",
                KeySchema=[{"AttributeName": "module", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "module", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        message = aws.run("deploy", "shop", *SOURCE, code=2)[1].splitlines()[-1]
        assert message.startswith(
            "uitest: table shop-modules exists already, but not table shop-status and repository shop"
        )
        assert "remove it with: uitest destroy shop --everything, or choose another NAME" in message
        aws.run("destroy", "shop", "--everything", "--yes")
        assert_deployed_by_repeating(aws)


@pytest.mark.slow
def test_image_that_the_pipeline_pushed_after_a_deployment_survives_the_next_one(tmp_path: Path) -> None:
    """Functions keep the newer image, whether something else changes or nothing, and whatever the parameters say."""
    with account(tmp_path) as aws:
        aws.run("deploy", "shop", *SOURCE)
        with aws.client("ecr") as images, aws.client("lambda") as functions, aws.client("cloudformation") as formation:

            def used() -> set[str]:
                names = [function["FunctionName"] for function in functions.list_functions()["Functions"]]
                assert {"shop-cases", "shop-steps"} <= set(names)
                return {functions.get_function(FunctionName=name)["Code"]["ImageUri"] for name in names}

            [first] = used()
            # What the last steps of buildspecs/image.yml do.
            pushed = images.put_image(repositoryName="shop", imageManifest='{"newer": true}', imageTag="current")
            newer = f"{first.partition('@')[0]}@{pushed['image']['imageId']['imageDigest']}"
            assert newer != first
            for function in functions.list_functions()["Functions"]:
                functions.update_function_code(FunctionName=function["FunctionName"], ImageUri=newer)

            aws.run("deploy", "shop")
            assert used() == {newer}
            aws.run("deploy", "shop", "--parameter", "MemorySize=3000")
            assert used() == {newer}
            assert functions.get_function(FunctionName="shop-cases")["Configuration"]["MemorySize"] == 3000
            [stack] = formation.describe_stacks(StackName="shop")["Stacks"]
            values = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack["Parameters"]}
            assert values["ImageUri"] == newer
