"""Publishes the outcome of a run as CloudWatch metrics, by lines of JSON in the log (embedded metric format).

CloudWatch Logs extracts metrics from such a line wherever it is logged, in Lambda and in CodeBuild, without a request
or a permission of ours. One line is about the whole run, with the dimension ``Site`` (the host under test), and one
about each module in each browser, with the dimensions ``Site``, ``Module`` and ``Browser``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from uitest.jobs.outcome import GREEN, fold
from uitest.model import JobRow, Outcome, Run

UNITS = {
    "Passed": "Count",
    "Failed": "Count",
    "Flaky": "Count",
    "Broken": "Count",
    "Skipped": "Count",
    "Quarantined": "Count",
    "SuccessPercent": "Percent",
    "Duration": "Seconds",
}
"""Names and units of the metrics. ``Broken``: neither passed nor failed, such as errors, lost and missing jobs."""

COUNTED = {
    Outcome.PASSED: "Passed",
    Outcome.FLAKY: "Flaky",
    Outcome.FAILED: "Failed",
    Outcome.SKIPPED: "Skipped",
    Outcome.QUARANTINED: "Quarantined",
}

DIMENSION_LIMIT = 1024
"""Characters of a dimension's value, which must be ASCII.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html"""


class MetricsReporter:
    """Writes the lines at the end of a run."""

    def __init__(self, namespace: str, write: Callable[[str], object]) -> None:
        """``write`` is called with each line; ``namespace`` is that of the metrics."""
        self._namespace, self._write = namespace, write

    def update(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Do nothing: only the end of a run is measured."""

    def finish(self, run: Run, rows: Sequence[JobRow], now: float) -> None:
        """Write the lines."""
        for line in metric_lines(self._namespace, run, rows, now):
            self._write(line)


def metric_lines(namespace: str, run: Run, rows: Iterable[JobRow], now: float) -> Iterator[str]:
    """The lines about a run that has ended, that of the whole run first."""
    groups: dict[tuple[str, str], list[JobRow]] = {}
    for row in rows:
        groups.setdefault((row.job.module, row.job.browser), []).append(row)
    outcomes = {key: Counter(fold(row, run, now) for row in group) for key, group in groups.items()}
    total = sum(outcomes.values(), Counter[Outcome]())
    site = {"Site": urlsplit(run.url).hostname or "unknown"}
    duration_s = run.elapsed_s(now)
    missing = max(0, run.planned - total.total())
    yield _line(namespace, site, run.id, _values(total, missing, duration_s), now)
    for (module, browser), group in groups.items():
        duration_s = sum(attempt.duration_s for row in group for attempt in row.attempts)
        values = _values(outcomes[module, browser], 0, duration_s)
        yield _line(namespace, {**site, "Module": module, "Browser": browser}, run.id, values, now)


def success_percent(outcomes: Mapping[Outcome, int], missing: int = 0) -> float | None:
    """The share of green jobs among all but skipped and quarantined ones, in percent; None without any."""
    ignored = outcomes.get(Outcome.SKIPPED, 0) + outcomes.get(Outcome.QUARANTINED, 0)
    considered = sum(outcomes.values()) - ignored + missing
    green = sum(outcomes.get(outcome, 0) for outcome in GREEN) - ignored
    return round(100 * green / considered, 2) if considered else None


def broken(outcomes: Mapping[Outcome, int]) -> int:
    """The number of jobs that neither passed, failed nor were ignored."""
    return sum(number for outcome, number in outcomes.items() if outcome not in COUNTED)


def _values(outcomes: Mapping[Outcome, int], missing: int, duration_s: float) -> dict[str, float]:
    values: dict[str, float] = {name: outcomes.get(outcome, 0) for outcome, name in COUNTED.items()}
    values["Broken"] = broken(outcomes) + missing
    percent = success_percent(outcomes, missing)
    if percent is not None:
        values["SuccessPercent"] = percent
    return {**values, "Duration": round(duration_s, 3)}


def _line(namespace: str, dimensions: Mapping[str, str], run_id: str, values: Mapping[str, float], now: float) -> str:
    directive = {
        "Namespace": namespace,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in values],
    }
    about = {name: _dimension(text) for name, text in dimensions.items()}
    metadata = {"Timestamp": int(now * 1000), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": metadata, **about, "Run": run_id, **values})


def _dimension(text: str) -> str:
    """A valid value of a dimension."""
    return text.encode("ascii", "backslashreplace").decode().strip()[:DIMENSION_LIMIT] or "unknown"
