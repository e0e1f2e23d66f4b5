from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as EC

from .base_page import BasePage


class AccountPage(BasePage):
    path = "/account.html"

    CARD = (By.ID, "card")
    PIN = (By.NAME, "pin")
    PIN_BY_ID = (By.ID, "pin")
    SUBMIT = (By.XPATH, "//form[@id='login']//button[normalize-space()='Log in']")
    LOG_OUT = (By.ID, "logout")
    STATUS = (By.CSS_SELECTOR, "p#who.lead")
    LOANS = (By.CSS_SELECTOR, "#loans > li")

    def log_in(self, card, pin):
        self.type(self.CARD, card)
        self.type(self.PIN_BY_ID, pin)
        self.click(self.SUBMIT)
        return self

    def wait_for_status(self, text):
        self.wait.until(EC.text_to_be_present_in_element(self.STATUS, text))
        return self

    @property
    def loans(self):
        return [item.text for item in self.driver.find_elements(*self.LOANS)]
