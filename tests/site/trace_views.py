"""Where a trace is shown, at which step, and what its snapshot holds."""

from collections.abc import Callable
from typing import Any

from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import Pages
from tests.site.page_actions import texts

HEADER = "view.getComputedStyle(page.querySelector('header')).backgroundColor"

INSIDE = "const page = document.querySelector('.sheet iframe').contentDocument, view = page.defaultView;"


def trace(pages: Pages, state: str, case: str = "fails", number: int = 1) -> str:
    """The address of a trace, at a step and whatever else."""
    return pages.page(pages.rich, f"job={pages.key(case)}&a={number}&{state}")


def inside(driver: WebDriver, script: str) -> Any:
    """The value of an expression about the snapshot's document, ``page``, and its window, ``view``."""
    return driver.execute_script(f"{INSIDE} return {script}")


def at(number: int) -> Callable[[WebDriver], bool]:
    """Whether the view is at this step, in its list and in its address."""
    return lambda d: (
        texts(d, ".steps-list .now .n") == [str(number)]
        and f"step={number}" in d.current_url.partition("#")[2].split("&")
    )
