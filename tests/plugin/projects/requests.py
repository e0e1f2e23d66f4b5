"""All the ways in which a test may come by its driver (see test_requests.py)."""

import unittest

import pytest
from pytest_bdd import given, scenarios, then

scenarios("requests.feature")


@given("a page")
def open_page(driver):
    driver.get("data:text/html,<title>shop</title>")


@then("it has a title")
def has_a_title(driver):
    assert driver.title == "shop"


@pytest.fixture
def page(request):
    return request.getfixturevalue("selenium")


def test_at_run_time(request, uitest_engines):
    engine = request.getfixturevalue("uitest_browser")
    assert engine in type(request.getfixturevalue("driver")).__name__.lower()
    uitest_engines("function", engine)


def test_through_a_fixture(page):
    assert page.window_handles


def open_driver(request):
    return request.getfixturevalue("driver")


def test_through_a_function(request):
    assert open_driver(request).window_handles


def test_without(request):
    assert "driver" not in request.fixturenames


class Autouse(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _driver(self, driver, uitest_browser, uitest_engines):
        self.driver, self.engine, self.engines = driver, uitest_browser, uitest_engines

    def setUp(self):
        self.driver.get("data:text/html,<title>shop</title>")

    def test_title(self):
        self.assertEqual(self.driver.title, "shop")
        self.assertIn(self.engine, type(self.driver).__name__.lower())
        self.engines("TestCase", self.engine)

    def test_parts(self):
        for _ in range(2):
            with self.subTest():
                self.assertEqual(self.driver.title, "shop")


@pytest.mark.usefixtures("driver")
class Marked(unittest.TestCase):
    def test_marked(self):
        pass


class Requested(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _request(self, request):
        self.driver = request.getfixturevalue("driver")

    def test_requested(self):
        self.assertTrue(self.driver.window_handles)


class RequestedInSetUp(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _request(self, request):
        self.request = request

    def setUp(self):
        self.driver = self.open_driver()

    def open_driver(self):
        return self.request.getfixturevalue("driver")

    def test_requested(self):
        self.assertTrue(self.driver.window_handles)


class Plain(unittest.TestCase):
    """Drives nothing, or a browser of its own."""

    def setUp(self):
        self.was_set_up = True

    def test_plain(self):
        self.assertTrue(self.was_set_up)
