import pytest


class TestMembers:
    @pytest.mark.parametrize(
        ("card", "pin", "name"),
        [("1042", "2468", "Ada"), ("2077", "1357", "Grace")],
        ids=["ada", "grace"],
    )
    def test_log_in(self, account_page, card, pin, name):
        account_page.log_in(card, pin).wait_for_status(f"Logged in as {name}.")
        assert account_page.loans

    def test_nobody(self, account_page):
        assert not account_page.is_visible(account_page.LOG_OUT)
        assert account_page.loans == []

    def test_wrong_locator(self, account_page):
        account_page.wait._timeout = 0.5
        account_page.type(account_page.PIN, "2468")


def test_opens(account_page):
    assert account_page.driver.title.startswith("My account")
