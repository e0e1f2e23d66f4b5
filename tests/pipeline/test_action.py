"""The pipeline's own action for the state machine: an interpreter of state machines runs what the stack deploys."""

import json
import re

import pytest

from tests.pipeline.conftest import TITLE, WRONG, Local
from tests.support.aws.policies import compare, within
from tests.support.aws.servers import fake_client, interpreter
from tests.support.aws.stack import FOLDER
from tests.support.aws.state_machine import deploy
from tests.support.processes import eventually

pytestmark = pytest.mark.slow


def test_pipeline_action_without_a_build_runs_every_step_with_its_own_role(local: Local) -> None:
    """The steps understand what the pipeline gives the state machine, and each works with its own role."""
    account = local.account
    pipeline = account.stack.find("AWS::CodePipeline::Pipeline")["Delivery.Pipeline"]
    action = next(a for stage in pipeline["Stages"] for a in stage["Actions"] if a["Name"] == "TestOnLambda")
    given = json.loads(action["Configuration"]["Input"].replace("#{Source.CommitId}", "c0ffee"))
    about = account.stack.find("AWS::StepFunctions::StateMachine")["StateMachine.StateMachine"]
    replaced = about["DefinitionSubstitutions"]
    text = (FOLDER / about["DefinitionS3Location"]).read_text()
    assert set(re.findall(r"\$\{(\w+)\}", json.dumps(json.loads(text)["States"]))) == set(replaced)
    for name, function in replaced.items():
        text = text.replace(f"${{{name}}}", function)
    account.modules(TITLE, WRONG)
    for role in ("caserole", "runrole", "test"):
        account.called(role)
    with interpreter(account.recorder.url, account.recorder.url) as url:
        client = fake_client("stepfunctions", url)
        try:
            machine = deploy(client, about["StateMachineName"], json.loads(text))
            given["url"] = local.url
            started = client.start_execution(stateMachineArn=machine, name="r1", input=json.dumps(given))
            execution = started["executionArn"]
            eventually(lambda: client.describe_execution(executionArn=execution)["status"] != "RUNNING", "it ends")
            ended = client.describe_execution(executionArn=execution)
        finally:
            client.close()
    run = account.store.run("r1")
    assert (ended["status"], run.counts) == ("FAILED", {"passed": 1, "failed": 1}), ended
    assert run.settings["commit"] == "c0ffee"
    compare(account.stack, "Runner.RunRole", account.called("runrole"))
    within(account.stack, "Runner.CaseRole", account.called("caserole"))
    within(account.stack, "StateMachine.Role", account.called("test"), "service")
