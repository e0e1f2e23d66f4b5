"""Suites whose tests share a driver (see test_scopes.py)."""

import os
import time

import pytest
from broken import kill_browser

PAGE = os.environ["PAGES"] + "/page.html"
ENGINES = []


@pytest.fixture(scope="session")
def member(driver_session, uitest_browser):
    ENGINES.append(uitest_browser)
    driver_session.get(PAGE)
    driver_session.add_cookie({"name": "member", "value": "ada"})
    return driver_session


def has_member(driver):
    driver.get(PAGE)
    return driver.get_cookie("member") is not None


def test_session_begins(member):
    member.execute_script("document.title = 'left'")


@pytest.mark.usefixtures("member")
def test_session_goes_on(driver_session):
    assert driver_session.title == "left"
    assert has_member(driver_session)


def test_others_are_apart(member, driver, driver_module, uitest_browser):
    assert uitest_browser in type(driver_module).__name__.lower()
    assert not has_member(driver)
    assert not has_member(driver_module)
    driver_module.add_cookie({"name": "member", "value": "of the module"})
    assert has_member(member)
    assert member.get_cookie("member")["value"] == "ada"


@pytest.fixture(scope="class")
def class_page(request, driver_class):
    driver_class.get(PAGE)
    request.cls.page = driver_class


@pytest.mark.usefixtures("class_page")
class TestOne:
    def test_class_begins(self, driver_module):
        assert not has_member(self.page)
        self.page.add_cookie({"name": "member", "value": "of the class"})
        assert driver_module.get_cookie("member")["value"] == "of the module"

    def test_class_goes_on(self, driver_class):
        assert driver_class is self.page
        assert has_member(driver_class)


class TestTwo(TestOne):
    """The same again: nothing of the other class is left."""


def test_fails(member):
    member.execute_script("console.error('boom')")
    assert member.title == "Another", "fails on purpose"


def test_failing_changes_nothing(member):
    assert has_member(member)


def test_quits(member):
    member.quit()
    pytest.fail("fails on purpose")


def test_after_quit(member):
    assert has_member(member)


def test_killed(member):
    kill_browser()
    assert member.title == "Page"


def test_after_kill(member):
    assert has_member(member)


def test_hangs(member):
    assert has_member(member)
    time.sleep(600)


def test_after_hang(member):
    assert has_member(member)
    assert len(ENGINES) == 4 * len(set(ENGINES)), "the fixtures of a driver that is replaced run again, no others"


@pytest.mark.browser_options(locale="de")
def test_marked(driver_module):
    pytest.fail("a mark cannot shape what others use too")
