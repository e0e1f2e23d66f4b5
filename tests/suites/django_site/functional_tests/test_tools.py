import pytest
from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from toolshed.models import Tool


def names(driver):
    return [item.text for item in driver.find_elements(By.CSS_SELECTOR, "#tools li")]


class ToolShedTest(StaticLiveServerTestCase):
    @pytest.fixture(autouse=True)
    def _browser(self, driver):
        self.driver = driver

    def setUp(self):
        Tool.objects.create(name="Spade")

    def test_tools_are_listed(self):
        self.driver.get(self.live_server_url)
        self.assertEqual(names(self.driver), ["Spade"])

    def test_a_tool_is_added(self):
        self.driver.get(self.live_server_url)
        self.driver.find_element(By.NAME, "name").send_keys("Rake")
        self.driver.find_element(By.CSS_SELECTOR, "form button").click()
        WebDriverWait(self.driver, 10).until(lambda driver: len(names(driver)) == 2)
        self.assertEqual(Tool.objects.count(), 2)

    def test_a_tool_that_is_not_there(self):
        self.driver.get(self.live_server_url)
        self.assertIn("Ladder", names(self.driver))


def test_empty_shed(driver, live_server):
    driver.get(live_server.url)
    assert names(driver) == ["nothing yet"]


@pytest.mark.django_db(transaction=True)
def test_sorted_by_name(driver, live_server):
    for name in ("Spade", "Axe"):
        Tool.objects.create(name=name)
    driver.get(live_server.url)
    assert names(driver) == ["Axe", "Spade"]
