"""Browsers that go on from one invocation to the next: which do, what they carry over (nothing), and how they end."""

import contextlib
import itertools
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lambda_runner.conftest import Function
from tests.plugin.pages import serve
from tests.support.inner_pytest import FEW_PLUGINS
from tests.support.processes import alive, descendants, eventually
from uitest.local_aws.environments import Delivery
from uitest.local_aws.process import Image, ProcessEnvironment

pytestmark = pytest.mark.slow

ISOLATION = Path(__file__).parents[1] / "plugin" / "projects" / "isolation.py"

CONFTEST = """
import json, pathlib, pytest
HERE = pathlib.Path(__file__).parent

@pytest.fixture(autouse=True)
def tell(request):
    if "driver" in request.fixturenames and request.getfixturevalue("uitest_browser") != "webkit":
        capabilities = request.getfixturevalue("driver").capabilities
        pid = capabilities.get("goog:processID") or capabilities["moz:processID"]
        (HERE / "browser").write_text(str(pid))
    # What a case of this project remembers for another one would end with its invocation.
    seen = getattr(request.module, "first_view", {})
    if (HERE / "view").exists():
        seen.update(json.loads((HERE / "view").read_text()))
    yield
    (HERE / "view").write_text(json.dumps(seen))
"""

CASES = """
import os, signal, time
import pytest
from uitest.plugin.drivers import OPENED

def test_a(driver, request):
    driver.get("data:text/html,<title>Shop</title><script>console.log('once')</script>")
    assert driver.title == "Shop"
    [line] = request.node.stash[OPENED][0].browser.console(driver)
    assert "once" in line

@pytest.mark.browser_options(window_size="800x600")
def test_small(driver, request): test_a(driver, request)

def test_stuck(driver):
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    time.sleep(600)

def test_exit(driver): os._exit(0)

def test_used_up(driver): driver.set_network_conditions(offline=True, latency=5, throughput=500)

def test_no_browser(): pass
"""

both = pytest.mark.parametrize("engine", ["chrome", "firefox"])


class Environment:
    """One environment of a function, in which some case is run again and again."""

    def __init__(self, function: Function, engine: str, seconds: float, environ: dict[str, str]) -> None:
        self._function, self._engine = function, engine
        self.process = function.start(seconds, **environ)
        self._runs = map(str, itertools.count(1))

    def ask(self, case: str, *, reuse: bool = True, engine: str | None = None) -> dict[str, Any]:
        """The answer to an invocation with this case, and how its attempt went as ``verdict`` and ``error``."""
        run = next(self._runs)
        tasks = self._function.plan(case, engine=engine or self._engine, run=run)
        answer = self._function.answer(self.process, self._function.event(tasks, run=run, reuse=reuse))
        [row] = self._function.store.jobs(run)
        return {**answer, "verdict": row.attempts[0].verdict.value, "error": row.attempts[0].error}

    def browser(self, case: str = "test_a", *, reuse: bool = True) -> int:
        """Process id of the browser in which this case has passed."""
        answer = self.ask(case, reuse=reuse)
        assert answer["verdict"] == "passed", answer["error"]
        return int((self._function.folder / "cases" / "browser").read_text())


Start = Callable[..., Environment]


@pytest.fixture
def start(function: Function) -> Start:
    """Starts environments whose image has the cases."""
    function.cases(CASES)
    (function.folder / "cases" / "conftest.py").write_text(CONFTEST)

    def start(engine: str, seconds: float = 60.0, **environ: str) -> Environment:
        return Environment(function, engine, seconds, environ)

    return start


def members(browser: int, whom: str) -> list[int]:
    """Process ids of a browser's ``driver``, or of all others in its group, the ``browser``."""
    driver = os.getpgid(browser)  # it leads the group
    if whom == "driver":
        return [driver]
    pids = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getpgid(int(entry.name)) == driver:
                pids.append(int(entry.name))
    return [pid for pid in pids if pid != driver]


@both
def test_kept_browser_serves_the_next_invocation(start: Start, engine: str) -> None:
    """The same one serves the next invocation, and one without a case leaves it alone."""
    environment = start(engine)
    first = environment.browser()
    assert environment.ask("test_no_browser")["verdict"] == "passed"
    assert environment.browser() == first


@both
def test_kept_browser_carries_nothing_over(function: Function, start: Start, engine: str, tmp_path: Path) -> None:
    """What separates two cases of a session separates two invocations: cookies, stores, passwords, sizes, keys."""
    names = ["test_first_view"]
    for pair in ("stores", "password", "window_size", "zoom_and_permissions", "timeouts", "held_keys", "windows"):
        names += [f"test_{pair}[leave]", f"test_{pair}[look]"]
    names += ["test_leaves_a_dialog", "test_leaves_a_question_before_leaving", "test_leaves_no_window"]
    names += ["test_leaves_no_browser", "test_is_not_disturbed", "test_last_view"]
    with serve(tmp_path) as pages:
        environment = start(engine, **pages.environ)
        function.cases(ISOLATION.read_text())
        assert len({environment.browser(name) for name in names}) == 1


@both
def test_processes_and_files_do_not_pile_up(start: Start, engine: str) -> None:
    """Processes and files are as many after twenty invocations as after three."""
    environment = start(engine)
    answers = [environment.ask("test_a") for _ in range(20)]
    assert {answer["verdict"] for answer in answers} == {"passed"}
    assert {(answer["children"], answer["files"]) for answer in answers} == {(2, 1)}  # driver, guard; their folder
    assert len(descendants(environment.process.pid)) < 20


@pytest.mark.parametrize(
    ("engine", "whom", "how"),
    [
        ("chrome", "browser", signal.SIGKILL),
        ("chrome", "browser", signal.SIGSTOP),
        ("chrome", "driver", signal.SIGKILL),
        ("chrome", "driver", signal.SIGSTOP),
        ("firefox", "browser", signal.SIGSTOP),
        ("firefox", "driver", signal.SIGKILL),
    ],
)
def test_kept_browser_that_does_not_answer_is_replaced(
    start: Start, engine: str, whom: str, how: signal.Signals
) -> None:
    """Dead or hanging, it is replaced, and nothing is left of it."""
    environment = start(engine)
    first = environment.browser()
    before = descendants(environment.process.pid)
    for pid in members(first, whom):
        os.kill(pid, how)
    assert environment.browser() != first
    assert not alive(before)
    assert environment.ask("test_a")["children"] == 2


def test_browser_of_a_killed_session_is_not_kept(start: Start) -> None:
    """Its browser is not trusted any more."""
    environment = start("chrome", seconds=12)
    first = environment.browser()
    stuck = environment.ask("test_stuck")
    assert stuck["error"] == "case timed out: the function's time was over"
    assert (stuck["children"], stuck["files"]) == (0, 0)
    assert environment.browser() != first


def test_browser_of_a_session_that_ended_itself_is_not_kept(start: Start) -> None:
    """Whatever its exit code says."""
    environment = start("chrome")
    first = environment.browser()
    left = environment.ask("test_exit")
    assert (left["verdict"], left["children"], left["files"]) == ("failed", 0, 0)
    assert environment.browser() != first


def test_browser_changed_by_a_command_is_not_kept(start: Start) -> None:
    """A command with effects on all of it ends it with its session."""
    environment = start("chrome")
    first = environment.browser("test_used_up")
    assert not Path(f"/proc/{first}").exists()
    assert environment.browser() != first


def test_kept_browser_with_other_options_is_replaced(start: Start) -> None:
    """A browser that was asked to be something else is ended, one that was asked to be the same goes on."""
    environment = start("chrome")
    first, second = environment.browser(), environment.browser("test_small")
    assert first != second
    assert not Path(f"/proc/{first}").exists()
    assert environment.browser("test_small") == second
    assert environment.ask("test_a", engine="webkit")["children"] == 0
    assert not Path(f"/proc/{second}").exists()


def test_invocation_without_the_option_gets_a_fresh_browser(start: Start) -> None:
    """An invocation that wants a fresh browser gets one and leaves nothing, whatever was kept before it."""
    environment = start("chrome")
    first, second = environment.browser(), environment.browser(reuse=False)
    assert first != second
    answer = environment.ask("test_no_browser", reuse=False)
    assert (answer["children"], answer["files"]) == (0, 0)


@both
def test_kept_browser_works_after_a_freeze(function: Function, start: Start, engine: str) -> None:
    """Handler, driver and browser stand still between two invocations, as in Lambda, under its own runtime client."""
    del start  # for its case files
    environ = {"UITEST_CASES": str(function.folder / "cases"), "PYTEST_ADDOPTS": FEW_PLUGINS}
    environment = ProcessEnvironment(Image(environ=environ, freeze=True))
    browsers = []
    try:
        for run in ("one", "two"):
            event = function.event(function.plan("test_a", engine=engine, run=run), run=run, reuse=True)
            answer = environment.invoke(Delivery(run, event, time.time() + 60))
            assert [attempt["verdict"] for attempt in json.loads(answer.payload)["attempts"]] == ["passed"]
            browsers.append(int((function.folder / "cases" / "browser").read_text()))
            for how in (signal.SIGSTOP, signal.SIGCONT):
                os.killpg(os.getpgid(browsers[-1]), how)
    finally:
        family = descendants(environment.group)
        environment.close()
    assert browsers[0] == browsers[1]
    eventually(lambda: not alive(family), "the browser ends with the environment")


@both
def test_kept_browser_ends_with_its_environment(function: Function, start: Start, engine: str) -> None:
    """In whatever way that ends: the pipe that its guard reads is held by nobody else."""
    environment = start(engine)
    environment.browser()
    environment.browser()
    family = descendants(environment.process.pid)
    assert family
    environment.process.kill()
    eventually(lambda: not alive(family), "all of them are gone")
    eventually(lambda: not list((function.folder / "tmp").glob("uitest-kept-*/*")), "and their files")
