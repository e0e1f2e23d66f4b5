"""Selenium Manager, the part of Selenium that downloads drivers; its interface in Python is in beta and may change."""


def managed_driver(program: str, browser: str | None) -> str:
    """The path of a driver (``chromedriver``, ``geckodriver``) that fits a browser's binary, downloaded if need be.

    Raises WebDriverException if there is none, and any error of an interface that has changed.
    """
    from selenium.webdriver.common.selenium_manager import SeleniumManager

    words = ["--driver", program, *(["--browser-path", browser] if browser else [])]
    path: str = SeleniumManager().binary_paths(words)["driver_path"]
    return path
