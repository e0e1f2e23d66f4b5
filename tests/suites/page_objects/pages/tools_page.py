from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from .base_page import BasePage


class ToolsPage(BasePage):
    path = "/tools.html"

    ROWS = (By.CSS_SELECTOR, "#tools tbody tr")

    def sort_by(self, heading):
        self.click((By.XPATH, f"//th/button[text()='{heading}']"))
        return self

    def sort_with_keyboard(self, heading):
        button = self.scroll_to(self.find((By.XPATH, f"//th/button[text()='{heading}']")))
        self.driver.execute_script("arguments[0].focus()", button)
        ActionChains(self.driver).send_keys(Keys.ENTER).perform()
        return self

    def column(self, number):
        rows = self.driver.find_elements(*self.ROWS)
        return [row.find_elements(By.TAG_NAME, "td")[number].text for row in rows]
