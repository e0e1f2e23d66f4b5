"""Makes the pictures of the README again: ``.venv/bin/python docs/images/make.py``.

Runs the sample cases in Chrome with one case added that fails on purpose, and photographs the pages that come of it.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from uitest.browsers import locate
from uitest.web import SiteServer

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "cases"

FAILING = '''
import pytest
from selenium.webdriver.common.by import By


@pytest.mark.case("tc019")
def test_ladders_are_free(driver, base_url):
    """Borrowing a ladder costs nothing."""
    driver.get(f"{base_url}/tools.html")
    driver.execute_script("console.error('the price list could not be loaded')")
    fees = {row.find_elements(By.TAG_NAME, "td")[0].text: row.find_elements(By.TAG_NAME, "td")[1].text
            for row in driver.find_elements(By.CSS_SELECTOR, "tbody tr")}
    assert fees["Step ladder"] == "free"
'''


def uitest(*words: str, codes: tuple[int, ...] = (0,)) -> None:
    """Run the command; any other exit code than these ends everything."""
    code = subprocess.run([sys.executable, "-m", "uitest", *words], check=False).returncode
    if code not in codes:
        sys.exit(f"uitest {words[0]} ended with {code}")


def photograph(url: str, name: str, height: int) -> None:
    """A picture of a page, as wide as the README shows it."""
    words = ["--no-sandbox", "--headless", "--hide-scrollbars", f"--window-size=1280,{height}"]
    picture = f"--screenshot={HERE / name}"
    subprocess.run([locate.chrome("shell"), *words, picture, url], check=True, timeout=60, capture_output=True)


def main() -> None:
    """Two runs, the second with a failure; then home page, run page and the page of the case that failed."""
    with tempfile.TemporaryDirectory(prefix="uitest-images-") as scratch, SiteServer(SAMPLE / "site") as shop:
        folder = Path(scratch)
        cases = folder / "cases"
        shutil.copytree(SAMPLE, cases, ignore=shutil.ignore_patterns("site", "demo.py", "__pycache__"))
        store, site = f"sqlite:{folder / 'uitest.db'}", str(folder / "site")
        places = ["--site", site, "--artifacts", f"{site}/artifacts", "--junit", str(folder / "junit.xml")]
        run = ["run", "--url", shop.url, "--cases", str(cases), "--store", store, *places]
        uitest("modules", "load", str(cases / "modules.json"), "--store", store)
        uitest(*run, "--run-id", "nightly-41")
        (cases / "test_fees.py").write_text(FAILING)
        (cases / "fees.json").write_text(json.dumps({"fees": ["tc019"]}))
        uitest("modules", "load", str(cases / "fees.json"), "--store", store)
        uitest(*run, "--run-id", "nightly-42", "--retries", "1", codes=(1,))
        with SiteServer(site) as server:
            (failed,) = (folder / "site").glob("runs/nightly-42/**/fees-*.html")
            photograph(f"{server.url}/index.html", "home.png", 600)
            photograph(f"{server.url}/runs/nightly-42/index.html", "run.png", 900)
            photograph(f"{server.url}/{failed.relative_to(site)}", "case.png", 1060)


if __name__ == "__main__":
    main()
