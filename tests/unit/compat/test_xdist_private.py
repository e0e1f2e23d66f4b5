"""pytest-xdist has what is built on; without it its own work stealing is used."""

from types import SimpleNamespace
from typing import Any

import pytest
from xdist.scheduler import worksteal

from uitest.compat import features, xdist_private


@pytest.mark.filterwarnings("error")
def test_xdist_is_as_known() -> None:
    """The lists of work stealing move as known."""
    assert xdist_private.scheduling_is_known()


@pytest.mark.parametrize("name", ["_send_tests", "mark_test_complete", "remove_pending_tests_from_node", "nodes"])
def test_other_scheduling_is_found_out(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """One warning names tool and version."""
    monkeypatch.delattr(worksteal.WorkStealingScheduling, name)
    with pytest.warns(UserWarning, match=r"^pytest-xdist \d\S+ does not .*its own work stealing hands out the jobs"):
        assert not xdist_private.scheduling_is_known()


@pytest.mark.parametrize("gone", ["MIN_PENDING", "WorkStealingScheduling"])
def test_module_without_its_names(monkeypatch: pytest.MonkeyPatch, gone: str) -> None:
    """What cannot be imported is no error either."""
    monkeypatch.delattr(worksteal, gone)
    with pytest.warns(UserWarning, match="work stealing"):
        assert not xdist_private.scheduling_is_known()


def test_more_tests_before_the_first_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that waits for a third test would wait for ever."""
    monkeypatch.setattr(worksteal, "MIN_PENDING", 3)
    with pytest.warns(UserWarning, match="work stealing"):
        assert not xdist_private.scheduling_is_known()


class WorkerInteractor:
    """Named as xdist's own."""

    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


def config(*plugins: object, worker: bool = True) -> Any:
    manager = SimpleNamespace(get_plugins=lambda: plugins)
    return SimpleNamespace(pluginmanager=manager, **({"workerinput": {}} if worker else {}))


def test_reports_of_a_worker() -> None:
    """The plugin with the channel is found; a process that is no worker has none, and is not warned."""
    plugin = WorkerInteractor(channel=SimpleNamespace(send=print))
    assert xdist_private.reporting_plugin(config(object(), plugin)) is plugin
    assert xdist_private.reporting_plugin(config(worker=False)) is None
    assert features.take_warnings() == []


@pytest.mark.parametrize("plugins", [(), (WorkerInteractor(),), (WorkerInteractor(channel=None),)])
def test_reports_of_another_xdist(plugins: tuple[object, ...]) -> None:
    """They go on as xdist sends them."""
    with pytest.warns(UserWarning, match="workers' reports"):
        assert xdist_private.reporting_plugin(config(*plugins)) is None
