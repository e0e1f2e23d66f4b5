"""Monitoring in the templates: scheduled runs, alarms and the runbook they name."""

import json
import re
from dataclasses import replace

import pytest

from lambda_runner.steps.execution_input import read
from tests.support.aws.stack import FOLDER, Stack, whole
from tests.support.builders import make_run
from tests.support.samples import attempt, row
from uitest.reporting.metrics import metric_lines


def test_alarms_reach_the_topic_and_name_a_runbook_section(stack: Stack) -> None:
    """Each alarm tells the topic, which lets alarms of this account in, and its section of the runbook exists."""
    runbook = (FOLDER.parent / "docs" / "operations.md").read_text()
    titles = re.findall(r"^#+ (.*)$", runbook, re.MULTILINE)
    headings = {re.sub(r"[^a-z0-9]+", "-", title.lower()) for title in titles}
    alarms = stack.find("AWS::CloudWatch::Alarm")
    own = {"Alarms.LostJobs", "Alarms.Throttles", "Alarms.FailedSteps", "Alarms.StuckRuns"}
    assert set(alarms) == {*own, "Monitoring.TooFewPass"}
    for name, about in alarms.items():
        assert about["AlarmActions"] == about["OKActions"] == ["arn:aws:sns:eu-west-1:123456789012:shop"], name
        section = re.search(r"docs/operations\.md#([a-z-]+)", about["AlarmDescription"])
        assert section, name
        assert section[1] in headings, name
    (policy,) = stack.find("AWS::SNS::TopicPolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_monitoring_starts_runs_whose_metrics_its_alarm_watches(stack: Stack) -> None:
    """The schedule's input is one that the state machine accepts, and the alarm's metric is one of such a run."""
    (timer,) = stack.find("AWS::Scheduler::Schedule").values()
    (alarm,) = (about for name, about in stack.find("AWS::CloudWatch::Alarm").items() if name.startswith("Monitoring."))
    places = {"store": "dynamodb:m,s", "site": "s3://b", "artifacts": "s3://b/artifacts"}
    options = read({**json.loads(timer["Target"]["Input"]), **places}, timer["Target"]["Arn"])
    assert (options.url, options.modules, options.browsers) == ("https://shop.example/start", (), ("chrome",))
    run = replace(make_run("r"), url=options.url)
    line = json.loads(next(metric_lines(str(options.settings.metrics), run, [row("a", attempt())], 0.0)))
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert alarm["Namespace"] == directive["Namespace"]
    assert alarm["MetricName"] in {metric["Name"] for metric in directive["Metrics"]}
    assert [[part["Name"] for part in alarm["Dimensions"]]] == directive["Dimensions"]
    assert all(line[part["Name"]] == part["Value"] for part in alarm["Dimensions"])
    assert alarm["TreatMissingData"] == "breaching"


@pytest.mark.parametrize(
    ("source", "pattern"),
    [
        ("codepipeline", {"pipeline": ["site"], "state": ["SUCCEEDED"]}),
        ("codedeploy", {"application": ["site"], "state": ["SUCCESS"]}),
        ("custom", None),
    ],
)
def test_monitoring_rule_starts_what_the_schedule_would(source: str, pattern: dict[str, list[str]] | None) -> None:
    """Without a schedule no metric is missing when nothing runs."""
    more = {"MonitoringAfter": source, "MonitoringDeployment": "site"}
    scheduled, followed = whole(**more), whole(**more, MonitoringSchedule="none")
    (rule,) = followed.find("AWS::Events::Rule").values()
    assert rule["EventPattern"].get("detail") == pattern
    (timer,) = scheduled.find("AWS::Scheduler::Schedule").values()
    assert [target["Input"] for target in rule["Targets"]] == [timer["Target"]["Input"]]
    assert not followed.find("AWS::Scheduler::Schedule")
    assert followed.find("AWS::CloudWatch::Alarm")["Monitoring.TooFewPass"]["TreatMissingData"] == "notBreaching"


def test_runbook_has_a_section_for_each_task() -> None:
    """Operations explains each thing that somebody may have to do."""
    runbook = (FOLDER.parent / "docs" / "operations.md").read_text()
    titles = set(re.findall(r"^## (.*)$", runbook, re.MULTILINE))
    wanted = {"Lost jobs", "Throttles", "Stuck run", "Cost", "Rotating the image", "Upgrading browsers"}
    assert wanted <= titles
