import pytest
from selenium.webdriver.common.by import By


@pytest.mark.usefixtures("page")
class TestSteps:
    def test_a_join_page_opens(self):
        self.driver.get(f"{self.base_url}/join.html")
        assert self.driver.title.startswith("Join")

    def test_b_nobody_is_logged_in(self):
        """The session's login is out of this class's reach."""
        self.driver.get(f"{self.base_url}/account.html")
        assert self.driver.find_element(By.ID, "who").text == "Nobody is logged in."
