"""Names for annotations in case files and in packages that extend uitest; ``docs/extending.md`` explains them.

    from uitest.types import Driver

    def test_cart(driver: Driver, base_url: str) -> None: ...

Everything else in the package is internal and may change with any version.
"""

from selenium.webdriver.remote.webdriver import WebDriver as Driver

from uitest.browsers.console import ConsoleLine
from uitest.errors import (
    BrowserError,
    ExecutorError,
    PlaceError,
    RunChanged,
    RunExists,
    StoreError,
    UitestError,
    UnknownRun,
    UsageError,
)
from uitest.executors import Executor, ExecutorRequest
from uitest.executors.attempt import Assignment, Task
from uitest.model import Attempt, Job, JobRow, Module, Past, Run, RunState, Verdict
from uitest.quarantine import Quarantine
from uitest.run.reporters import Reporter
from uitest.storage.files import Place
from uitest.storage.stores import Store

__all__ = [
    "Assignment",
    "Attempt",
    "BrowserError",
    "ConsoleLine",
    "Driver",
    "Executor",
    "ExecutorError",
    "ExecutorRequest",
    "Job",
    "JobRow",
    "Module",
    "Past",
    "Place",
    "PlaceError",
    "Quarantine",
    "Reporter",
    "Run",
    "RunChanged",
    "RunExists",
    "RunState",
    "Store",
    "StoreError",
    "Task",
    "UitestError",
    "UnknownRun",
    "UsageError",
    "Verdict",
]
