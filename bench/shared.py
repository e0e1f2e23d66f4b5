"""Measures a driver that tests share: the flows in one session driver against plain Selenium's, and one script's cost.

Both sides run the same file in the same environment; only the fixture ``driver`` differs. The other side's is
Selenium's own Chrome, started once for each worker (``flows/selenium/conftest.py``). After each case one command and
one script clear cookies and storage. The script that is measured is the smallest there is, in one Chrome of each side
on the same page.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

from selenium import webdriver
from selenium.webdriver.chrome.remote_connection import ChromeRemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver

from bench import session
from bench.part import Conditions, Found
from bench.peers import FLOW_COUNT, UITEST, install
from bench.report import spread
from bench.session import Measure
from bench.sides import in_turn
from uitest import browsers
from uitest.browsers.process import discovery
from uitest.browsers.process.local_driver import LocalDriver
from uitest.browsers.process.process_group import DriverProcess
from uitest.browsers.settings import Settings

SIDES = ("uitest", "plain")
SCRIPT = "return 1"
SCRIPTS = 200
"""In a round of each side."""


class PlainChrome(LocalDriver, webdriver.Chrome):
    """Selenium's own Chrome; only its processes are ours to end, since chromedriver leaves its browser running."""

    def __init__(self) -> None:
        process = DriverProcess([discovery.chromedriver(), "--port=0"])
        self.begin("chrome", process, ChromeRemoteConnection, browsers.options("chrome", Settings()))


def shared(conditions: Conditions) -> Found:
    """Wall times of both sides, and milliseconds of a script. Raises PeerMissing."""
    install(UITEST)
    peer = replace(UITEST, arguments=(*UITEST.arguments, "--driver-scope", "session"))

    def run(side: str, _number: int) -> Measure:
        env = {"BENCH_SHARED": side}
        return session.run(peer, conditions.url, conditions.binary, conditions.repeats, conditions.parallel, env)

    uitest, plain = in_turn(conditions, SIDES, conditions.rounds, run).values()
    ratio = median(uitest) / median(plain)
    ours_ms, theirs_ms = scripts(conditions)
    script_ratio = median(ours_ms) / median(theirs_ms)
    conditions.tell(f"a script: {median(ours_ms):.2f} ms, plain {median(theirs_ms):.2f} ms")
    lines = [
        f"{FLOW_COUNT * conditions.repeats} cases, {conditions.workers} workers, a driver for each worker's session, "
        "rounds in alternating order. Wall time of the whole command, and of one "
        f"`execute_script({SCRIPT!r})`; median, in parentheses the least and the most.",
        "",
        "| what | uitest | plain Selenium | ratio |",
        "|---|--:|--:|--:|",
        f"| the flows, wall s | {spread(uitest)} | {spread(plain)} | {ratio:.2f} |",
        f"| a script, ms | {spread(ours_ms)} | {spread(theirs_ms)} | {script_ratio:.2f} |",
    ]
    return Found(lines, {"shared.flows": ratio, "shared.script": script_ratio})


def scripts(conditions: Conditions) -> tuple[list[float], list[float]]:
    """Milliseconds of a script in each round, of ours and of plain Selenium."""
    settings = Settings()
    browser = browsers.launch("chrome", settings, browsers.options("chrome", settings))
    try:
        plain = PlainChrome()
        try:
            sides: tuple[WebDriver, WebDriver] = browser.open(), plain
            for driver in sides:
                driver.get(conditions.url)
                timed(lambda driver=driver: driver.execute_script(SCRIPT))  # type: ignore[misc]
            rounds = [
                [timed(lambda driver=driver: driver.execute_script(SCRIPT)) for driver in sides]  # type: ignore[misc]
                for _ in range(conditions.rounds)
            ]
        finally:
            plain.kill()
    finally:
        browser.kill()
    return [ours for ours, _ in rounds], [theirs for _, theirs in rounds]


def timed(run: Callable[[], object]) -> float:
    """Milliseconds of each of ``SCRIPTS`` runs, on average."""
    began = time.perf_counter()
    for _ in range(SCRIPTS):
        run()
    return (time.perf_counter() - began) * 1000 / SCRIPTS
