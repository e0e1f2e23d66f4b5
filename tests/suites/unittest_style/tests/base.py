"""The base class of every test: a browser on the page under test."""

import unittest

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as EC
from selenium.webdriver.support.ui import WebDriverWait


class BrowserTestCase(unittest.TestCase):
    page = "index.html"

    @pytest.fixture(autouse=True)
    def _browser(self, driver, base_url):
        self.driver = driver
        self.base_url = base_url

    def setUp(self):
        self.driver.implicitly_wait(2)
        self.driver.get(f"{self.base_url}/{self.page}")

    def wait_for_text(self, element_id, text):
        WebDriverWait(self.driver, 10).until(EC.text_to_be_present_in_element((By.ID, element_id), text))
