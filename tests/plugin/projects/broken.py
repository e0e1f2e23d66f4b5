"""Cases that break or hang their browser, each of which needs a browser that works (see test_broken.py)."""

import os
import signal
import time
from pathlib import Path

import pytest

PAGE = os.environ["PAGES"] + "/page.html"
NAMES = ("chromium", "chrome", "headless_shell", "firefox", "MiniBrowser", "WebKitWebProces")


@pytest.fixture(autouse=True)
def page(driver):
    driver.get(PAGE)
    assert driver.title == "Page"


def parents():
    """Parent process id by process id."""
    table = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            table[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    return table


def kill_browser(names=NAMES, hosts=True):
    """Kill every browser process that descends from this one; its driver lives on."""
    known = parents()
    for pid in known:
        above = pid
        while above not in (0, 1, os.getpid()):
            above = known.get(above, 0)
        try:
            name = Path(f"/proc/{pid}/comm").read_text()
            host = "webkit/host.py" in Path(f"/proc/{pid}/cmdline").read_text()
            if (
                above == os.getpid()
                and ((host and hosts) or name.startswith(names))
                and not name.startswith("chromedriver")
            ):
                os.kill(pid, signal.SIGKILL)
        except OSError:
            continue


def test_killed(driver):
    kill_browser()
    assert driver.title == "Page"


def test_page_killed(driver):
    """In WebKit, whose browser lives on."""
    kill_browser(("WebKitWebProces",), hosts=False)
    assert driver.page_source


def test_swallows_the_limit(driver):
    try:
        time.sleep(600)
    except Exception:
        pytest.fail("a case's own except must let the limit through")


def test_busy(driver):
    driver.execute_script("while (true) {}")


def test_silent(driver):
    driver.get(os.environ["SILENT"])


def test_after(driver):
    pass
