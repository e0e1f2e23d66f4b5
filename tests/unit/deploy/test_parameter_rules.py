"""Parameters that do not go together are refused with what to do."""

import re

import pytest

from tests.support.aws.stack import load
from uitest.deploy import parameter_rules, templates
from uitest.errors import UsageError

DEFAULTS = {
    name: parameter.default for name, parameter in templates.parameters(templates.read_file(templates.MAIN)).items()
}
SITE = "https://shop.example"


def test_default_parameters_follow_all_rules() -> None:
    """Those of the template, with and without a site to watch."""
    assert DEFAULTS["MonitoringSchedule"] == "rate(15 minutes)"
    parameter_rules.check(DEFAULTS)
    parameter_rules.check({**DEFAULTS, "MonitoringUrl": SITE})


def test_pull_requests_need_a_site_of_the_stack() -> None:
    """With ``Url`` there would be no builds of pull requests, without a word."""
    with pytest.raises(UsageError, match=rf"^--parameter Url={SITE} excludes PullRequestConnectionArn: "):
        parameter_rules.check({**DEFAULTS, "Url": SITE, "PullRequestConnectionArn": "arn:a"})
    parameter_rules.check({**DEFAULTS, "PullRequestConnectionArn": "arn:a"})
    parameter_rules.check({**DEFAULTS, "Url": SITE})


@pytest.mark.parametrize(
    ("schedule", "period", "enough"),
    [
        ("rate(1 hour)", "1800", "7200"),
        ("rate(30 minutes)", "1800", "3600"),
        ("rate(5 minutes)", "300", "900"),
        ("rate(1 day)", "21600", "86400"),
        ("cron(0 6 * * ? *)", "1800", "86400"),
        ("cron(0/15 6-22 * * ? *)", "1800", "86400"),
        ("cron(*/30 * ? * * *)", "1800", "3600"),
    ],
)
def test_alarm_that_would_be_raised_between_two_runs_is_refused(schedule: str, period: str, enough: str) -> None:
    """With the period that suffices, which is accepted; without a site to watch it does not matter."""
    values = {**DEFAULTS, "MonitoringSchedule": schedule, "MonitoringAlarmPeriod": period}
    parameter_rules.check(values)
    watching = {**values, "MonitoringUrl": SITE}
    with pytest.raises(UsageError, match=f"; give --parameter MonitoringAlarmPeriod={enough}$"):
        parameter_rules.check(watching)
    parameter_rules.check({**watching, "MonitoringAlarmPeriod": enough})


def test_schedule_that_is_rarer_than_any_alarm_is_refused() -> None:
    """CloudWatch looks back a day at most; schedules that are not understood are accepted."""
    for schedule in ("rate(2 days)", "cron(0 8-18 ? * MON-FRI *)"):
        with pytest.raises(UsageError, match=rf"MonitoringSchedule={re.escape(schedule)} is too rare"):
            parameter_rules.check({**DEFAULTS, "MonitoringUrl": SITE, "MonitoringSchedule": schedule})
    for schedule in ("none", "cron(0 6 L * ? *)"):
        parameter_rules.check({**DEFAULTS, "MonitoringUrl": SITE, "MonitoringSchedule": schedule})


def test_periods_are_those_of_the_template() -> None:
    """The template accepts what is proposed."""
    allowed = load("monitoring.yaml")["Parameters"]["AlarmPeriod"]["AllowedValues"]
    assert tuple(allowed) == parameter_rules.ALARM_PERIODS
