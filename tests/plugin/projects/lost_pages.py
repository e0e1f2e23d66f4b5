"""Recorded cases whose page crashes, hangs or never stops logging; after each, one that must be recorded as usual."""

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

PAGE = os.environ["PAGES"] + "/page.html"
CONTENT = {"firefox": "-contentproc", "webkit": "WebKitWebProcess"}

FIRST = (
    "console.warn('logged ' + arguments[0]);"
    "setTimeout(() => { document.getElementById('words').textContent = 'later'; }, 500);"
)


def work(driver, words):
    """Long enough for a look at the page to be a small part of it."""
    driver.get(PAGE)
    driver.execute_script(FIRST, words)
    WebDriverWait(driver, 10).until(lambda driver: driver.find_element(By.ID, "words").text == "later")
    driver.find_element(By.ID, "text").send_keys(words)
    driver.find_element(By.ID, "button").click()
    time.sleep(1.5)  # so that there is time for a look, however long the last picture took
    driver.execute_script("scrollTo(0, 0)")  # before which the page is looked at


def crash(driver, engine):
    if engine == "chrome":
        with contextlib.suppress(WebDriverException):
            driver.get("chrome://crash")
        return
    for environ in Path("/proc").glob("[0-9]*/environ"):  # no address crashes these
        with contextlib.suppress(OSError):
            ours = os.environ["SESSION_MARK"].encode() in environ.read_bytes()
            if ours and CONTENT[engine] in (environ.parent / "cmdline").read_text():
                os.kill(int(environ.parent.name), signal.SIGKILL)


def test_crashes(driver, uitest_browser):
    work(driver, "before the crash")
    crash(driver, uitest_browser)
    driver.find_element(By.ID, "text").click()


def test_meanwhile():
    """Without a browser: so none was made ready for the next case, to be killed beside the one that crashed."""


def test_after_a_crash(driver):
    work(driver, "after the crash")
    assert driver.title == "Another page"


def test_hangs(driver):
    work(driver, "before the loop")
    driver.execute_script("while (true) {}")


def test_after_a_loop(driver):
    work(driver, "after the loop")
    assert driver.title == "Another page"


def test_fails_beside_a_loop(driver):
    """Nobody has looked at the page while it could answer: there was no time for that."""
    driver.get(PAGE)
    driver.execute_script("setTimeout(() => { while (true) {} }, 50)")
    time.sleep(0.3)
    pytest.fail("the loop is none of this case's business")


def test_fails_beside_a_flood(driver):
    work(driver, "before the flood")
    driver.execute_script("setTimeout(() => { while (true) console.log('flood'); }, 50)")
    time.sleep(0.3)
    pytest.fail("the flood is none of this case's business")


def test_after_a_flood(driver):
    work(driver, "after the flood")
    assert driver.title == "Another page"
