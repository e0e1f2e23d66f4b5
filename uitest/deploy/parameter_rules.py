"""Parameters of the stack that do not go together. Pure."""

from collections.abc import Mapping

from uitest.deploy.schedules import longest_interval
from uitest.errors import UsageError

ALARM_PERIODS = (300, 900, 1800, 3600, 7200, 21600, 86400)
"""Seconds that the alarm can look at, as in ``monitoring.yaml``; CloudWatch allows one day at most."""


def check(values: Mapping[str, str]) -> None:
    """Check the values of all parameters. Raises UsageError for those that would not do what they say."""
    if values["Url"] and values["PullRequestConnectionArn"]:
        raise UsageError(
            f"--parameter Url={values['Url']} excludes PullRequestConnectionArn: pull requests are tested against the "
            "site in SiteFolder, which a stack with Url does not have; set one of the two to nothing"
        )
    interval = longest_interval(values["MonitoringSchedule"])
    if values["MonitoringUrl"] and interval is not None:
        _check_alarm_period(values["MonitoringSchedule"], interval, values["MonitoringAlarmPeriod"])


def _check_alarm_period(schedule: str, interval: int, period: str) -> None:
    """Raises UsageError for a period in which there need not be a run: the alarm would be raised between two runs."""
    longest = ALARM_PERIODS[-1]
    if interval > longest:
        raise UsageError(
            f"--parameter MonitoringSchedule={schedule} is too rare: the alarm looks at {longest} seconds at most, and "
            f"would be raised between two runs, which are up to {interval} apart; run at least once in every day"
        )
    if period.isdecimal() and int(period) <= interval and int(period) < longest:
        enough = next(seconds for seconds in ALARM_PERIODS if seconds > interval or seconds == longest)
        raise UsageError(
            f"MonitoringAlarmPeriod={period} is not longer than the longest interval of MonitoringSchedule={schedule}, "
            f"so the alarm would be raised between two runs; give --parameter MonitoringAlarmPeriod={enough}"
        )
