"""What the measurements are held against: the goals of all figures, in one place.

Every figure is better the smaller it is, and is judged as it is shown, so that no table says "1.00, not reached".
"""

from dataclasses import dataclass

DIGITS = {"": 2, "ms": 1, "s": 2, "core-s": 2, "MB": 0}
"""Decimals shown, by unit; a ratio has none."""


@dataclass(frozen=True)
class Goal:
    """A figure as the summary calls it, what it shall be at most, and where that differs what it must be at most."""

    figure: str
    goal: float
    must: float | None = None
    unit: str = ""

    def shown(self, value: float) -> str:
        """The value with its unit."""
        return f"{value:.{DIGITS[self.unit]}f} {self.unit}".rstrip()

    def reached(self, measured: float) -> str:
        """``yes``, ``must only`` or ``no``."""
        value = round(measured, DIGITS[self.unit])
        if value <= self.goal:
            return "yes"
        return "must only" if self.must is not None and value <= self.must else "no"


GOALS = {
    "speed.playwright": Goal("wall time against pytest-playwright", 0.60, must=0.80),
    "speed.selenium": Goal("wall time against pytest-selenium", 0.30, must=0.33),
    "speed.cpu": Goal("processor time of a case, all processes, at pace 0.25", 0.30, unit="core-s"),
    "waiting.playwright": Goal("wait-bound suite, second run, defaults, against pytest-playwright -n auto", 0.55),
    "waiting.selenium": Goal("the same against pytest-selenium -n auto", 0.35),
    "context.chrome": Goal("fresh context in Chrome, prepare and dispose", 25, unit="ms"),
    "context.firefox": Goal("fresh context in Firefox, prepare and dispose", 60, unit="ms"),
    "start.pytest": Goal("start to the first case, by pytest", 1.2, must=1.5, unit="s"),
    "start.run": Goal("start to the first case, by uitest run", 1.4, unit="s"),
    "start.playwright": Goal("start to the first case, by pytest, against pytest-playwright", 0.6),
    "again.chrome": Goal("one case again with a kept browser, from Enter to the prompt: Chrome", 0.7, unit="s"),
    "again.firefox": Goal("the same: Firefox", 0.9, unit="s"),
    "again.webkit": Goal("the same: WebKit", 1.0, unit="s"),
    "again.watch": Goal("`uitest watch`: from saving a file to its verdict in Chrome", 0.6, unit="s"),
    "skew.makespan": Goal("skewed suite with known durations: makespan against the lower bound", 1.03, must=1.05),
    "run.pytest": Goal("`uitest run` against bare pytest", 1.05),
    "engines.firefox": Goal("Firefox against a fresh browser for each case, wall time", 0.18, must=0.5),
    "engines.webkit": Goal("WebKit against a fresh browser for each case, wall time", 0.45, must=0.8),
    "shared.flows": Goal("a driver for the session, against plain Selenium's, wall time", 1.0),
    "shared.script": Goal("`execute_script` against plain Selenium's", 1.0),
    "trace.chrome": Goal("Chrome: cases recorded, against the same without", 1.12, must=1.15),
    "trace.firefox": Goal("Firefox: cases recorded, against the same without", 1.12, must=1.15),
    "trace.webkit": Goal("WebKit: cases recorded, against the same without", 1.12, must=1.15),
    "site.render": Goal("site: rendering a run of 10,000 jobs", 2, must=3, unit="s"),
    "site.run": Goal("site: page of 10,000 jobs interactive", 0.5, must=1, unit="s"),
    "site.filter": Goal("site: filtering 10,000 jobs", 0.05, must=0.1, unit="s"),
    "site.home": Goal("site: home page of 1,000 runs interactive", 1, unit="s"),
    "fanout.wall": Goal("10,000 jobs in Lambda, SQLite, against boto3 sending as many events", 1.4),
    "fanout.dispatch": Goal("dispatch of 10,000 jobs alone, against the same", 1.1),
    "fanout.dynamodb": Goal("10,000 jobs in Lambda, DynamoDB (emulator), against the same", 2.5),
    "fanout.writes": Goal("write units of DynamoDB for each job", 6),
    "fanout.reads": Goal("read units of DynamoDB for each job", 4),
    "fanout.memory": Goal("coordinator's peak memory with 10,000 jobs in Lambda", 200, unit="MB"),
    "fanout.linear": Goal("jobs 5,001 to 10,000 in Lambda against 1,001 to 5,000, wall time of each", 1.25),
    "scale.memory": Goal("coordinator's peak memory with 100,000 jobs in Lambda and their pages", 400, unit="MB"),
    "scale.poll": Goal("its longest poll", 2, unit="s"),
    "scale.linear": Goal("100,000 jobs in Lambda with pages against 10,000, wall time of each", 1.2),
    "growth.memory": Goal("memory after a long session of one worker, against its first tenth", 1.05),
}
"""By part and name, in the order of the summary."""
