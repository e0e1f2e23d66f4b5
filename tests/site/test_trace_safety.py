"""A page in a trace cannot act, and texts of a trace stay text, in each engine."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import Pages
from tests.site.page_actions import Until, element, press, texts
from tests.site.trace_views import INSIDE, at, inside, trace

pytestmark = pytest.mark.slow

ACTS = """[...page.querySelectorAll("*")].filter(element =>
    /^(script|object|embed|link|base|meta)$/.test(element.localName)
    || [...element.attributes].some(({ name, value }) => name.startsWith("on")
        || (name !== "style" && /javascript:|evil|127/.test(value))
        || (["src", "srcdoc", "action", "formaction"].includes(name) && !value.startsWith("data:")))
).map(element => element.outerHTML)
"""

UNTAMED = f"""{INSIDE}
const made = (name, facts) => {{
    const element = Object.assign(page.createElement(name), facts);
    page.body.append(element);
    return element;
}};
made("script", {{ textContent: "top.ran = 1" }});
const button = made("button");
button.setAttribute("onclick", "top.ran = 2");
button.click();
made("a", {{ href: "javascript:top.ran = 3" }}).click();
"""


def test_page_in_a_trace_cannot_run_or_request_anything(driver: WebDriver, pages: Pages, until: Until) -> None:
    """No script, no handler, no request, no navigation, no focus; the frame and its policy would allow none."""
    for number, last in ((1, 4), (2, 11)):
        driver.get("about:blank")
        pages.requests.clear()
        driver.get(trace(pages, "step=1&when=after", number=number))
        for step in range(1, last + 1):
            until(at(step))
            until(lambda d: inside(d, "page.body.childElementCount > 0"))
            assert inside(driver, ACTS) == []
            press(driver, Keys.ARROW_RIGHT)
        frame = element(driver, ".sheet iframe")
        assert frame.get_attribute("sandbox") == "allow-same-origin"
        assert inside(driver, "top.ran") is None
        assert inside(driver, "page.URL") == "about:srcdoc"
        assert pages.foreign == []
        ours = ("/runs/rich/", "/assets/", "/artifacts/rich/", "/favicon")
        # A browser's connection that has been idle for long has a line too; it quotes no request.
        requests = [line for line in pages.requests if '"' in line]
        assert requests
        assert not [line for line in requests if not any(part in line for part in ours)]
        # Were it not tamed, the frame would still run nothing.
        driver.execute_script(UNTAMED)
        assert inside(driver, "top.ran") is None


def test_hostile_texts_of_a_trace_stay_text(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Whatever stands in a trace's fields is text in every pane."""
    for pane in ("step", "console", "network", "source"):
        driver.get("about:blank")
        driver.get(trace(pages, f"step=3&pane={pane}", number=2))
        until(at(3))
        driver.execute_script("return document.title")  # an open dialog would be an error here
        assert not driver.find_elements(
            By.CSS_SELECTOR, "img[src='x'], [onerror], [onmouseover], svg[onload], img[src^='http']"
        )
        assert len(texts(driver, ".steps-list li")) == 14
