"""pytest-xdist has what is built on; without it its own work stealing is used."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from xdist.scheduler import worksteal

from tests.support.inner_pytest import FEW_PLUGINS
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


GROWS = """
from uitest.compat import xdist_private

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Growth(config), "growth")

class Growth:
    def __init__(self, config):
        self.config = config

    def pytest_runtest_logfinish(self):
        if self.config is not None:
            assert xdist_private.add_worker(self.config)
            self.config = None
"""

WAITS = '''
import os, time
import pytest

@pytest.mark.parametrize("number", range(8))
def test_once(number):
    """All but the first wait until a second worker runs one."""
    name = os.environ["PYTEST_XDIST_WORKER"]
    open(name, "a").close()
    while number and not os.path.exists("gw1"):
        time.sleep(0.02)
'''


def test_worker_is_added_to_a_running_session(tmp_path: Path) -> None:
    """It takes over tests, each of which still runs once."""
    (tmp_path / "conftest.py").write_text(GROWS)
    (tmp_path / "test_waits.py").write_text(WAITS)
    argv = [sys.executable, "-m", "pytest", "-n1", "--dist=worksteal", *FEW_PLUGINS.split(), "-p", "no:uitest"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert "8 passed" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
    assert (tmp_path / "gw1").exists()


def test_session_of_another_xdist_keeps_its_workers() -> None:
    """One warning says so."""
    manager = SimpleNamespace(get_plugin=lambda name: None)
    with pytest.warns(UserWarning, match="a run keeps the number of workers that it began with"):
        assert not xdist_private.add_worker(SimpleNamespace(pluginmanager=manager))  # type: ignore[arg-type]
