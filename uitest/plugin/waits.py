"""Waits that look often.

``WebDriverWait`` looks every half second unless the case says otherwise, so a suite mostly waits for the end of
a nap. The default is bound in its signature; replacing the bound value changes every wait that names none, and
no case. A look costs a command or two (2 to 20 ms), so much more often only heats the machine.
"""

FAST_S = 0.05


def set_poll_frequency(seconds: float) -> float:
    """Make ``seconds`` the default pause of every WebDriverWait in this process; returns the one before."""
    from selenium.webdriver.support.wait import POLL_FREQUENCY, WebDriverWait

    before, ignored = WebDriverWait.__init__.__defaults__ or (POLL_FREQUENCY, None)
    WebDriverWait.__init__.__defaults__ = (seconds, ignored)
    return float(before)
