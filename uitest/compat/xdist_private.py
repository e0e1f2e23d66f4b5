"""Private parts of pytest-xdist that uitest depends on.

A run's jobs are handed out by a scheduler (``plugin.worker.xdist_scheduling``) that is built on xdist's work stealing:
its lists of tests, its hooks and its way to send tests to a worker. Without them xdist's own work stealing hands out
the jobs, which knows nothing of how long each takes.

While a run's cores are idle, workers are added by the part of the session that replaces those that have died.

A worker's reports go through a channel that xdist keeps in a plugin of its own. How its process ended is known to
execnet, which keeps it in the worker's gateway.
"""

import logging
import subprocess
from types import SimpleNamespace
from typing import Any

import pytest

from uitest.compat.features import Feature, warn, works

LOGGER = logging.getLogger(__name__)

SCHEDULING = Feature(
    "pytest-xdist", "work stealing", "its own work stealing hands out the jobs, not knowing how long they take"
)
PROCESSES = Feature(
    "pytest-xdist", "workers' processes", "a case that ends its own process is tried again like one that was killed"
)
GROWTH = Feature("pytest-xdist", "further workers", "a run keeps the number of workers that it began with")
CHANNEL = Feature("pytest-xdist", "workers' reports", "a report with half a character ends its worker")


def scheduling_is_known() -> bool:
    """Whether work stealing can be built on; warns once if not."""
    return works(SCHEDULING, _check_scheduling)


def work_stealing_class() -> Any:
    """The scheduler of ``--dist worksteal``."""
    from xdist.scheduler.worksteal import WorkStealingScheduling

    return WorkStealingScheduling


def min_pending() -> int:
    """How many tests a worker must have been sent before it begins the first of them."""
    from xdist.scheduler.worksteal import MIN_PENDING

    return int(MIN_PENDING)


def send_tests(scheduling: Any, node: Any, number: int) -> None:
    """Send a worker the first ``number`` of the tests that no worker has."""
    scheduling._send_tests(node, number)


def add_worker(config: pytest.Config) -> bool:
    """Start one more worker in a running session, as xdist does for one that has died; warns once if that fails.

    It collects the tests, and then is idle until the scheduler gives it some.
    """
    try:
        session = config.pluginmanager.get_plugin("dsession")
        manager = session.nodemanager  # type: ignore[union-attr]
        spec = type(manager.specs[0])(str(manager.specs[0]))
        manager.group.allocate_id(spec)
        session._active_nodes.add(manager.setup_node(spec, session.queue.put))  # type: ignore[union-attr]
    except (AttributeError, IndexError, TypeError):
        LOGGER.info("no worker can be added", exc_info=True)
        warn(GROWTH)
        return False
    return True


class _Node:
    """A worker that notes what it is sent."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.shutting_down = False
        self.sent: list[list[int]] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.sent.append(list(indices))

    def send_steal(self, indices: list[int]) -> None:
        self.sent.append([-index for index in indices])


def _check_scheduling() -> bool:
    """Three tests for two workers: dealt, completed and stolen as known."""
    calls: list[tuple[list[int], dict[str, list[int]]]] = []

    class Scheduling(work_stealing_class()):  # type: ignore[misc]
        def check_schedule(self) -> None:
            calls.append((list(self.pending), {node.gateway.id: list(self.node2pending[node]) for node in self.nodes}))

    first, second = _Node("gw0"), _Node("gw1")
    config = SimpleNamespace(getvalue=lambda _: ["2*popen"], option=SimpleNamespace(debug=False))
    scheduling = Scheduling(config, None)
    for node in (first, second):
        scheduling.add_node(node)
        scheduling.add_node_collection(node, ["a", "b", "c"])
    scheduling.schedule()
    send_tests(scheduling, first, 3)
    scheduling.mark_test_complete(first, 0, 1.0)
    unasked = scheduling.steal_requested_from_node
    scheduling.steal_requested_from_node = first
    scheduling.remove_pending_tests_from_node(first, [2])
    return (
        min_pending() == 2
        and calls
        == [
            ([0, 1, 2], {"gw0": [], "gw1": []}),
            ([], {"gw0": [1, 2], "gw1": []}),
            ([2], {"gw0": [1], "gw1": []}),
        ]
        and first.sent == [[0, 1, 2]]
        and unasked is scheduling.steal_requested_from_node is None
    )


def reporting_plugin(config: pytest.Config) -> Any | None:
    """The plugin of this worker whose ``channel`` takes its reports; None where this is no worker.

    Warns once, and returns None, if a worker has no such plugin.
    """
    if not hasattr(config, "workerinput"):
        return None
    for plugin in config.pluginmanager.get_plugins():
        # Its module is one that execnet has no name for.
        if type(plugin).__name__ == "WorkerInteractor" and hasattr(getattr(plugin, "channel", None), "send"):
            return plugin
    warn(CHANNEL)
    return None


def worker_process(node: Any) -> "subprocess.Popen[bytes] | None":
    """The process of a worker on this machine; None, with one warning, if it is not known."""
    process = getattr(getattr(node.gateway, "_io", None), "popen", None)
    if isinstance(process, subprocess.Popen):
        return process
    warn(PROCESSES)
    return None
