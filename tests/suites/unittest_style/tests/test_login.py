import unittest

from selenium.webdriver.common.by import By

from .base import BrowserTestCase


class LoginTest(BrowserTestCase):
    page = "account.html"

    def log_in(self, card, pin):
        self.driver.find_element(By.ID, "card").send_keys(card)
        self.driver.find_element(By.ID, "pin").send_keys(pin)
        self.driver.find_element(By.CSS_SELECTOR, "#login button").click()

    def test_member_logs_in(self):
        self.log_in("1042", "2468")
        self.wait_for_text("who", "Logged in as Ada.")
        self.assertEqual(self.driver.get_cookie("member")["value"], "Ada")

    def test_wrong_pins_are_refused(self):
        for pin in ("0000", "1111"):
            with self.subTest(pin=pin):
                self.driver.refresh()
                self.log_in("1042", pin)
                self.wait_for_text("login-error", "do not match")
                self.assertIn("Nobody", self.driver.find_element(By.ID, "who").text)

    def test_fails_in_a_subtest(self):
        for card in ("1042", "2077"):
            with self.subTest(card=card):
                self.assertEqual(card, "1042")

    def test_cleanup_runs(self):
        self.addCleanup(self.driver.delete_all_cookies)
        self.log_in("2077", "1357")
        self.wait_for_text("who", "Logged in as Grace.")

    @unittest.skip("the desk has no scanner yet")
    def test_card_is_scanned(self):
        self.fail("never runs")

    @unittest.expectedFailure
    def test_pin_is_remembered(self):
        self.assertNotEqual(self.driver.find_element(By.ID, "pin").get_attribute("value"), "")
