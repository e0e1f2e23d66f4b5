"""Makes the pictures of the documentation again: ``make images``.

Runs the sample cases in Chrome a few times on the main branch, then on another with a case that it breaks, and on a
third where that case is in quarantine. Photographs the pages that come of it: every view, on a desk and on a phone,
light and dark.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from uitest import browsers
from uitest.reporting.web_server import SiteServer

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "cases"

DRAWN = """
const shots = [...document.querySelectorAll(".try img, .film img, .peek img")];
const loaded = !document.querySelector(".peek:empty") && shots.every(shot => shot.complete && shot.naturalWidth > 0);
return document.querySelector("h1") && loaded;
"""

FAILING = '''
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as ec


@pytest.mark.case("tc019")
def test_the_cheapest_tool_is_free(driver, base_url, wait):
    """A member finds a tool that costs nothing."""
    driver.get(f"{base_url}/join.html")
    driver.find_element(By.ID, "name").send_keys("Ada")
    driver.find_element(By.ID, "email").send_keys("ada@example.org")
    driver.find_element(By.ID, "rules").click()
    driver.find_element(By.CSS_SELECTOR, "#join button").click()
    wait.until(ec.visibility_of_element_located((By.ID, "welcome")))
    driver.find_element(By.LINK_TEXT, "Tools").click()
    driver.execute_script("console.error('the price list could not be loaded')")
    driver.find_element(By.CSS_SELECTOR, "th:nth-child(2) button").click()
    wait.until(ec.text_to_be_present_in_element_attribute((By.CSS_SELECTOR, "th:nth-child(2)"), "aria-sort", "asc"))
    assert driver.find_element(By.CSS_SELECTOR, "td:nth-child(2)").text == "0.00"
'''


PASSING = FAILING.replace('text == "0.00"', "text")
"""The same case on the main branch."""


def uitest(*words: str, codes: tuple[int, ...] = (0,), branch: str = "main") -> None:
    """Run the command; any other exit code than these ends everything."""
    environ = {**os.environ, "UITEST_BRANCH": branch}
    code = subprocess.run([sys.executable, "-m", "uitest", *words], env=environ, check=False).returncode
    if code not in codes:
        sys.exit(f"uitest {words[0]} ended with {code}")


OPENED = """
const [row] = document.querySelectorAll(".pair");
if (row && !row.open) row.open = true;
return row?.querySelector("img")?.naturalWidth > 0;
"""
"""Opens the first row of two compared runs; whether its picture is there."""


def photograph(
    driver: Any, url: str, name: str, width: int, height: int, theme: str = "light", drawn: str = DRAWN
) -> None:
    """A picture of a page at a width, in a theme, once its own pictures are there."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    media = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    driver.get("about:blank")
    driver.get(url)
    WebDriverWait(driver, 20).until(lambda d: d.execute_script(drawn))
    driver.save_screenshot(str(HERE / name))


def main() -> None:
    """Runs of three branches, the second with a failure that the third excuses; then a picture of each view."""
    with tempfile.TemporaryDirectory(prefix="uitest-images-") as scratch, SiteServer(SAMPLE / "site") as shop:
        folder = Path(scratch)
        cases = folder / "cases"
        shutil.copytree(SAMPLE, cases, ignore=shutil.ignore_patterns("site", "demo.py", "__pycache__"))
        store, site = f"sqlite:{folder / 'uitest.db'}", str(folder / "site")
        places = ["--site", site, "--artifacts", f"{site}/artifacts", "--junit", str(folder / "junit.xml")]
        run = ["run", "--url", shop.url, "--cases", str(cases), "--store", store, *places]
        (cases / "test_fees.py").write_text(PASSING)
        (cases / "fees.json").write_text(json.dumps({"fees": ["tc019"]}))
        for name in ("modules.json", "fees.json"):
            uitest("modules", "load", str(cases / name), "--store", store)
        for number in range(38, 42):
            uitest(*run, "--run-id", f"nightly-{number}")
        (cases / "test_fees.py").write_text(FAILING)
        change = ["--run-id", "fees-7", "--against", "main", "--retries", "1", "--trace", "on"]
        uitest(*run, *change, codes=(1,), branch="feature/fees")
        until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
        row = ["--owner", "@shop/fees", "--reason", "the fees are being reworked", "--until", until]
        uitest("quarantine", "add", "tc019", *row, "--store", store, "--cases", str(cases))
        uitest(*run, "--run-id", "release-3", "--retries", "1", "--trace", "on", branch="release/2.0")
        with SiteServer(site) as server:
            page = f"{server.url}/runs/fees-7/index.html"
            (failed,) = (folder / "site").glob("runs/fees-7/jobs/fees-*.js")
            driver = browsers.start("chrome")
            try:
                photograph(driver, f"{server.url}/index.html", "home.png", 1280, 760)
                photograph(driver, page, "run.png", 1280, 1100)
                photograph(driver, f"{page}#job={failed.stem}", "case.png", 1280, 1200)
                photograph(driver, f"{page}#job={failed.stem}&a=1&step=end", "trace.png", 1280, 860)
                photograph(driver, f"{page}#compare=nightly-41", "compare.png", 1280, 1000, drawn=OPENED)
                photograph(driver, f"{page}#job={failed.stem}&a=1&step=end&with=2", "attempts.png", 1280, 860)
                photograph(driver, f"{server.url}/runs/release-3/index.html", "quarantine.png", 1280, 760)
                driver.get(page)
                error = driver.find_element(By.LINK_TEXT, "This error in other runs").get_attribute("href")
                photograph(driver, error, "error.png", 1280, 760)
                photograph(driver, page, "phone.png", 390, 844)
                photograph(driver, page, "dark.png", 1280, 760, theme="dark")
            finally:
                driver.quit()


if __name__ == "__main__":
    main()
