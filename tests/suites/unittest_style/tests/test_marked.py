"""The other ways in which unittest suites reach fixtures."""

import unittest

import pytest
from selenium.webdriver.common.by import By


@pytest.fixture
def browser(request, driver):
    request.instance.browser = driver


@pytest.mark.usefixtures("browser")
class ToolsTest(unittest.TestCase):
    def test_six_tools(self):
        self.browser.get(self.base_url + "/tools.html")
        self.assertEqual(len(self.browser.find_elements(By.CSS_SELECTOR, "#tools tbody tr")), 6)

    @pytest.fixture(autouse=True)
    def _address(self, base_url):
        self.base_url = base_url


class AskedForTest(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _request(self, request):
        self.driver = request.getfixturevalue("driver")
        self.base_url = request.getfixturevalue("base_url")

    def test_title(self):
        self.driver.get(f"{self.base_url}/join.html")
        self.assertEqual(self.driver.title, "Join: Borrowbox")
