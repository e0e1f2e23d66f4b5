"""What holds of every view: nothing hostile runs, nothing overflows, and everybody can use it."""

import json
from importlib.resources import files
from urllib.parse import quote

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from tests.site.conftest import Pages
from tests.site.page_actions import texts
from tests.support.samples import HOSTILE
from uitest.short_text import safe_name

pytestmark = pytest.mark.slow

AXE = files("axe_core_python").joinpath("axe.min.js").read_text()
SERIOUS = ("serious", "critical")
WIDTHS = (390, 1280, 1920)


def error_id(pages: Pages) -> str:
    """The name of an error of the rich run's suite."""
    home = json.loads((pages.folder / "home.json").read_text())
    return str(next(error["id"] for findings in home["found"] for error in findings["errors"]))


def addresses(pages: Pages) -> dict[str, str]:
    """Every view by name."""
    nasty = sorted((pages.folder / "runs" / safe_name(pages.nasty.id) / "jobs").iterdir())
    return {
        "home": f"{pages.url}/index.html",
        "suite": pages.suite(),
        "error": f"{pages.suite()}&error={error_id(pages)}",
        "branch": f"{pages.url}/index.html#branch=none",
        "run": pages.page(pages.rich),
        "compared": pages.page(pages.change),
        "two runs": pages.page(pages.change, "compare=rich&show=all"),
        "hostile two runs": pages.page(pages.nasty, f"show=all&compare={quote(HOSTILE[5])}"),
        "nothing found": pages.page(pages.rich, "q=zzz"),
        "case": pages.page(pages.rich, f"job={pages.key('fails')}&a=1"),
        "trace": pages.page(pages.rich, f"job={pages.key('fails')}&a=1&step=4"),
        "trace's console": pages.page(pages.rich, f"job={pages.key('fails')}&a=1&step=3&pane=console&look=shot"),
        "trace's network": pages.page(
            pages.rich, f"job={pages.key('fails')}&a=1&step=4&pane=network&only=1&zoom=1&find=tools"
        ),
        "trace's source": pages.page(pages.rich, f"job={pages.key('fails')}&a=1&step=4&pane=source"),
        "no trace": pages.page(pages.rich, f"job={pages.key('errors')}&a=1&step=1"),
        "attempts": pages.page(pages.rich, f"job={pages.key('is_flaky')}&a=2&step=end&with=1"),
        "hostile attempts": pages.page(pages.rich, f"job={pages.key('fails')}&a=2&step=end&with=1"),
        "hostile trace": pages.page(pages.rich, f"job={pages.key('fails')}&a=2&step=2"),
        "hostile trace's console": pages.page(pages.rich, f"job={pages.key('fails')}&a=2&step=2&pane=console"),
        "hostile trace's network": pages.page(pages.rich, f"job={pages.key('fails')}&a=2&step=2&pane=network"),
        "hostile trace's source": pages.page(pages.rich, f"job={pages.key('fails')}&a=2&step=2&pane=source"),
        "hostile run": pages.page(pages.nasty),
        **{f"hostile case {n}": pages.page(pages.nasty, f"job={path.stem}") for n, path in enumerate(nasty)},
    }


TRACES = (
    "trace",
    "trace's console",
    "trace's network",
    "trace's source",
    "no trace",
    "attempts",
    "hostile attempts",
    "hostile trace",
)
NASTY = ("hostile run", *(f"hostile trace's {pane}" for pane in ("console", "network", "source")))
HOSTILE_CASES = tuple(f"hostile case {n}" for n in range(11))
VIEWS = (
    "home",
    "branch",
    "suite",
    "error",
    "run",
    "compared",
    "two runs",
    "hostile two runs",
    "nothing found",
    "case",
    *TRACES,
    *NASTY,
    *HOSTILE_CASES,
)
"""Those from the first hostile case on differ in texts only."""


def show(chrome: WebDriver, url: str, width: int, theme: str) -> None:
    """Open a view at a width, in a theme."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)  # type: ignore[attr-defined]
    media = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", media)  # type: ignore[attr-defined]
    chrome.get("about:blank")
    chrome.get(url)
    WebDriverWait(chrome, 20, poll_frequency=0.05).until(lambda d: not d.find_elements(By.CLASS_NAME, "loading"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS[: VIEWS.index("hostile case 0") + 1])
def test_axe_finds_nothing_serious(chrome: WebDriver, pages: Pages, view: str, theme: str) -> None:
    """On any view, in either theme, on a phone and on a desk."""
    for width in (390, 1280):
        show(chrome, addresses(pages)[view], width, theme)
        chrome.execute_script(AXE)
        report = chrome.execute_async_script("axe.run({iframes: false}).then(arguments[0])")
        assert report["passes"]
        serious = [
            f"{rule['id']}: {rule['help']}: {json.dumps([node['html'][:200] for node in rule['nodes'][:3]])}"
            for rule in report["violations"]
            if rule["impact"] in SERIOUS
        ]
        assert not serious, "\n".join(serious)


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_is_wider_than_its_window(chrome: WebDriver, pages: Pages, view: str) -> None:
    """No view is wider than its window, whatever the names hold."""
    for width in WIDTHS:
        show(chrome, addresses(pages)[view], width, "light")
        assert chrome.execute_script("return document.documentElement.scrollWidth <= innerWidth"), width


def test_long_names_are_cut(chrome: WebDriver, pages: Pages) -> None:
    """A name of hundreds of letters takes three lines of a list, on a phone too."""
    show(chrome, addresses(pages)["hostile run"], 390, "light")
    lines = """return [...document.querySelectorAll('.name bdi')].map(name =>
        name.getBoundingClientRect().height / parseFloat(getComputedStyle(name).lineHeight))"""
    cut = chrome.execute_script(lines)
    assert 2.9 < max(cut) < 3.1, max(cut)


@pytest.mark.parametrize("view", ["home", "run", "compared", "two runs", "case"])
def test_no_name_is_cut_on_a_phone(chrome: WebDriver, pages: Pages, view: str) -> None:
    """A phone has no pointer to ask for the rest of a name: names of ordinary length are there in full."""
    show(chrome, addresses(pages)[view], 390, "light")
    cut = chrome.execute_script("""return [...document.querySelectorAll('main *')].filter(one => {
        const style = getComputedStyle(one);
        return style.textOverflow === 'ellipsis' && style.overflowX !== 'visible' && one.scrollWidth > one.clientWidth;
    }).map(one => one.outerHTML.slice(0, 200))""")
    assert cut == []


def test_hostile_texts_stay_text(driver: WebDriver, pages: Pages) -> None:
    """Names, errors, addresses and files of strangers stay text; no dialog opens, no element appears."""
    for view, url in addresses(pages).items():
        driver.get("about:blank")
        driver.get(url)
        driver.execute_script("return document.title")  # an open dialog would be an error here
        assert not driver.find_elements(By.CSS_SELECTOR, "img[src='x'], [onerror], [onmouseover], svg[onload]"), view
        schemes = driver.execute_script(
            "return [...document.querySelectorAll('a')].map(a => new URL(a.getAttribute('href'), location).protocol)"
        )
        assert set(schemes) <= {"http:", "https:", "file:"}, view
        assert texts(driver, "h1"), view
