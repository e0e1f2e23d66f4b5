"""``uitest run --executor stepfunctions``: the state machine in an interpreter, the real handler for all its steps."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from tests.e2e.aws.cloud import Cloud, account, run_with_unexplained_exit_status
from tests.e2e.conftest import Project
from tests.support.aws.servers import fake_client, interpreter
from tests.support.aws.state_machine import definition, deploy, quick, redriven
from tests.support.processes import LIMIT_S, eventually
from uitest.local_aws.faults import Faults
from uitest.local_aws.process import Image
from uitest.model import RunState, Verdict
from uitest.quarantine import Quarantine
from uitest.reporting.usage.cost import EXECUTION_TRANSITIONS, POLL_TRANSITIONS

pytestmark = pytest.mark.slow

CASES = """
import signal
def kill_environment():
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)  # ended with it
def test_shop(driver, base_url):
    driver.get(base_url)
    assert driver.title == "Shop"
def test_wrong(): assert 1 == 2
def test_fine(): ran("fine")
def test_flaky():
    ran("flaky")
    assert (HERE / "ran.txt").read_text().count("flaky") > 1
def test_dies():
    ran("dies")
    if (HERE / "ran.txt").read_text().count("dies") == 1:
        kill_environment()
def test_kills(): kill_environment()
def test_wait():
    ran("wait")
    wait_for("go")
"""


class Steps:
    """The state machine of an account, and what it is asked for without the command line."""

    def __init__(self, cloud: Cloud, client: Any, machine: dict[str, Any]) -> None:
        self.cloud, self.client, self.machine = cloud, client, machine
        self.arn = deploy(client, "uitest", machine)
        self.environ = {**cloud.environ, "UITEST_STATE_MACHINE": self.arn}

    def start(self, name: str, **given: Any) -> str:
        """An execution, as a pipeline starts it; its ARN."""
        answer = self.client.start_execution(stateMachineArn=self.arn, name=name, input=json.dumps(given))
        return str(answer["executionArn"])

    def end(self, arn: str) -> dict[str, Any]:
        """Wait for its end; its description."""
        eventually(lambda: self.describe(arn)["status"] != "RUNNING", "the execution ends", 3 * LIMIT_S)
        return self.describe(arn)

    def describe(self, arn: str) -> dict[str, Any]:
        """What Step Functions says of it."""
        description: dict[str, Any] = self.client.describe_execution(executionArn=arn)
        return description

    def redrive(self, arn: str) -> str:
        """A redrive of an execution that has failed at its first step, in a state machine of its own; its ARN."""
        other = deploy(self.client, "redrive", redriven(self.machine, self.describe(arn)))
        answer = self.client.start_execution(stateMachineArn=other, name="again", input="{}")
        return str(answer["executionArn"])

    def order(self, **more: Any) -> dict[str, Any]:
        """A pipeline's input."""
        places = {"artifacts": "s3://shots/artifacts", "site": "s3://shots"}
        return {
            "url": self.cloud.project.url, "store": "dynamodb:mods,stat", "max_concurrency": 2, **places, **more,
        }  # fmt: skip


@pytest.fixture
def make(project: Project) -> Iterator[Callable[..., Steps]]:
    """Makes an account whose state machine uses these functions; ``cases`` has two environments, ``run`` as well."""
    with ExitStack() as cleanup:

        def make(cases: str = "cases", run: str = "run", faults: Faults | None = None) -> Steps:
            project.cases(CASES)
            cloud = cleanup.enter_context(
                account(project, Image("cases"), Image("run"), faults=faults, UITEST_EXECUTOR="stepfunctions")
            )
            steps = cleanup.enter_context(interpreter(cloud.aws, cloud.functions))
            cloud.environ["AWS_ENDPOINT_URL_SFN"] = steps
            client = fake_client("stepfunctions", steps)
            cleanup.callback(client.close)
            return Steps(cloud, client, quick(definition(cases, run)))

        yield make


@contextmanager
def mailbox(aws: str) -> Iterator[tuple[str, Callable[[], list[dict[str, Any]]]]]:
    """A topic's ARN, and what reads everything that was sent to it."""
    topics, queues = fake_client("sns", aws), fake_client("sqs", aws)
    topic = topics.create_topic(Name="ended")["TopicArn"]
    queue = queues.create_queue(QueueName="mail")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def read() -> list[dict[str, Any]]:
        messages = queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", ())
        return [json.loads(message["Body"]) for message in messages]

    yield topic, read
    topics.close()
    queues.close()


def test_state_machine_run_keeps_outcomes_and_lost_environments(make: Callable[..., Steps]) -> None:
    """Outcomes, retries, a lost environment, JUnit file and exit code as on this machine; pages by the machine."""
    steps = make()
    cloud = steps.cloud
    cloud.modules("shop", "wrong", "flaky", "dies", "fine")
    output = cloud.project.run("run", "--run-id", "r", "--retries", "1", code=1, environ=steps.environ).stderr
    assert "up to 2 at once in state machine uitest" in output
    run = cloud.store.run("r")
    assert (run.state, run.counts) == (RunState.FINISHED, {"passed": 3, "flaky": 1, "failed": 1})
    died, again = cloud.rows()["dies"].attempts
    assert (died.verdict, again.verdict) == (Verdict.ERROR, Verdict.PASSED)
    assert "the invocation died: Runtime.ExitError" in (died.error or "")
    assert {"index.html", "runs/r/index.html", "artifacts/r/junit.xml"} <= cloud.files()
    assert cloud.project.junit()["test_it::test_flaky"] == "passed"
    [execution] = steps.client.list_executions(stateMachineArn=steps.arn)["executions"]
    assert (execution["name"], execution["status"]) == ("r", "FAILED")
    events = steps.client.get_execution_history(executionArn=execution["executionArn"])["events"]
    entered = [event["stateEnteredEventDetails"]["name"] for event in events if event["type"].endswith("StateEntered")]
    assert 1 + len(entered) == EXECUTION_TRANSITIONS + POLL_TRANSITIONS * entered.count("Show")
    shown = cloud.project.run("status", "r", "--json", environ=cloud.environ).stdout
    assert json.loads(shown)["cost"]["state_transitions"] > len(entered)


def test_execution_started_by_a_pipeline_plans_and_reports_once(
    make: Callable[..., Steps], capsys: pytest.CaptureFixture[str]
) -> None:
    """Functions that are not ready, throttles and lost environments do not stop it; a topic is told of the end once."""
    steps = make(faults=Faults(asleep=2))
    cloud = steps.cloud
    with mailbox(cloud.aws) as (topic, read):
        cloud.modules("kills", "fine", "flaky", "wrong")
        given = steps.order(retries=1, max_concurrency=4, topic=topic, site_url="https://pages.example", commit="abc")
        ended = steps.end(steps.start("nightly-1", **given))
        assert (ended["status"], ended["error"]) == ("FAILED", "NotGreen")
        assert ended["cause"] == "1 passed, 1 flaky, 1 failed, 1 error"
        run = cloud.store.run("nightly-1")
        assert (run.state, run.settings["commit"]) == (RunState.FINISHED, "abc")
        attempts = {case: row.attempts for case, row in cloud.rows("nightly-1").items()}
        assert {attempt.verdict for attempt in attempts["kills"]} == {Verdict.ERROR}
        assert len(attempts["kills"]) == 3
        assert cloud.service.counts["throttled"] > 0
        assert cloud.service.counts["not ready"] == 4
        with capsys.disabled():
            count = sum(map(len, attempts.values()))
            print(f"\nstate machine: {dict(cloud.service.counts)}, {count} attempts, {run.counts}")
        [message] = read()
    assert message["Subject"] == "uitest: not green, 1 failed, 1 error - nightly-1"
    assert "https://pages.example/runs/nightly-1/index.html" in message["Message"]
    assert "m / test_it::test_wrong - chrome: AssertionError" in message["Message"]


def test_execution_with_an_empty_module_table_runs_the_cases_of_the_image(make: Callable[..., Steps]) -> None:
    """As a pipeline's first one: each file is a module, and nothing is written to the table; the quarantine counts."""
    steps = make()
    cloud = steps.cloud
    cloud.project.cases("def test_fine(): ran('fine')\ndef test_known(): assert False, 'known'\n")
    cloud.store.put_quarantine([Quarantine("9999-12-31", case="*known", error="known")])
    ended = steps.end(steps.start("first", **steps.order()))
    assert ended["status"] == "SUCCEEDED", ended
    jobs = [(row.job.module, row.job.case) for row in cloud.store.jobs("first")]
    assert jobs == [("test_it", "test_it::test_fine"), ("test_it", "test_it::test_known")]
    assert cloud.store.run("first").counts == {"passed": 1, "quarantined": 1}
    assert cloud.project.ran() == ["fine"]
    assert cloud.store.modules() == []


def test_redrive_repeats_nothing_that_has_ended(make: Callable[..., Steps]) -> None:
    """A run that stopped itself fails its execution where a redrive goes on; that repeats nothing that has ended."""
    steps = make()
    cloud = steps.cloud
    cloud.modules("wrong", "wait", "fine", "flaky")
    first = steps.start("r", **steps.order(max_failures=1, max_concurrency=1, retries=0))
    eventually(lambda: [run.state for run in cloud.store.runs()] == [RunState.INTERRUPTED], "a limit", 3 * LIMIT_S)
    cloud.project.open_gate()
    ended = steps.end(first)
    assert (ended["status"], ended["error"]) == ("FAILED", "Unfinished")
    assert "stopped after 1 failures (--max-failures 1); redrive the execution to continue" in ended["cause"]
    assert cloud.store.run("r").note == "stopped after 1 failures (--max-failures 1)"
    ran = {case: row.attempt for case, row in cloud.rows().items()}
    assert (ran["wrong"], ran["fine"], ran["flaky"]) == (1, 0, 0)
    ended = steps.end(steps.redrive(first))
    assert (ended["status"], ended["error"]) == ("FAILED", "NotGreen")
    assert cloud.store.run("r").counts == {"passed": 2, "failed": 2}
    assert sorted(cloud.project.ran()) == ["fine", "flaky", "wait"]


def test_interrupted_execution_is_resumed_and_rerun_by_others(make: Callable[..., Steps]) -> None:
    """Ctrl-C ends the execution; another one goes on with what has no final outcome, one more tries what failed."""
    steps = make()
    cloud = steps.cloud
    cloud.modules("wait", "fine", "flaky")
    running = cloud.project.start("run", "--run-id", "a:b", "--max-concurrency", "1", environ=steps.environ)
    cloud.project.wait_until_ran("wait")
    running.send_signal(signal.SIGINT)
    output = cloud.project.end(running, code=130).stderr
    assert "uitest resume a:b" in output
    assert cloud.store.run("a:b").note == "interrupted by its user"
    cloud.project.open_gate()
    cloud.project.run("resume", "a:b", code=1, environ=steps.environ)
    assert cloud.store.run("a:b").counts == {"passed": 2, "failed": 1}
    assert sorted(cloud.project.ran()) == ["fine", "flaky", "wait"]
    cloud.project.run("rerun", "a:b", "--failed", environ=steps.environ)
    assert sorted(cloud.project.ran()) == ["fine", "flaky", "flaky", "wait"]
    names = {execution["name"] for execution in steps.client.list_executions(stateMachineArn=steps.arn)["executions"]}
    assert len(names) == 3


def test_cancelled_run_is_ended_by_the_state_machine(make: Callable[..., Steps]) -> None:
    """No case begins any more; the machine ends the run."""
    steps = make()
    cloud = steps.cloud
    cloud.modules("wait", "fine", "wrong")
    running = cloud.project.start("run", "--run-id", "r", "--max-concurrency", "1", environ=steps.environ)
    cloud.project.wait_until_ran("wait")
    cloud.project.run("cancel", "r", environ=cloud.environ)
    cloud.project.open_gate()
    output = cloud.project.end(running, code=3).stderr
    assert "2 cancelled" in output
    assert {case: row.attempt for case, row in cloud.rows().items()} == {"wait": 1, "fine": 0, "wrong": 0}
    assert cloud.store.run("r").state is RunState.CANCELLED


def test_missing_machine_or_function_is_one_line_and_exit_code_3(make: Callable[..., Steps]) -> None:
    """A machine or a function that is missing, and case files that are broken, are one line and exit code 3."""
    steps = make(cases="nothing")
    cloud = steps.cloud
    cloud.modules("fine")
    missing = {**steps.environ, "UITEST_STATE_MACHINE": steps.arn + "2"}
    output = cloud.project.run("run", "--run-id", "a", code=3, environ=missing).stderr
    assert "does not exist in this account and region; deploy it, or name another with --state-machine" in output
    assert cloud.store.run("a").state is RunState.INTERRUPTED
    output = cloud.project.run("run", "--run-id", "b", code=3, environ=steps.environ).stderr
    assert "Lambda.ResourceNotFoundException: Function not found: nothing" in output
    cloud.project.cases("import nothing_of_that_name\n")
    steps.arn = deploy(steps.client, "sound", definition("cases", "run"))
    output = cloud.project.run(
        "run", "--run-id", "c", code=3, environ={**steps.environ, "UITEST_STATE_MACHINE": steps.arn}
    ).stderr
    assert "nothing_of_that_name" in output
    assert {cloud.rows(run_id)["fine"].attempt for run_id in "abc"} == {0}
    ended = steps.end(steps.start("d", **steps.order(browser="opera")))
    assert (ended["status"], ended["error"]) == ("FAILED", "UsageError")
    assert "unknown browser 'opera'" in ended["cause"]


def test_unexplained_exit_status_makes_the_run_red(make: Callable[..., Steps]) -> None:
    """The run is red with that reason, as on this machine, though every case passed."""
    steps = make()
    run_with_unexplained_exit_status(steps.cloud, "fine", steps.environ)
    [execution] = steps.client.list_executions(stateMachineArn=steps.arn)["executions"]
    assert execution["status"] == "FAILED"
