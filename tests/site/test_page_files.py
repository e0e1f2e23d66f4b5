"""Pages as files in each engine: opened from a folder, in a single file, written by an older version."""

import json

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import Pages
from tests.site.page_actions import Until, press, texts
from uitest.embedded_json import as_json


def test_pages_open_from_a_folder(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Without a server everything is there but news: filter, case, detail, picture."""
    driver.get((pages.folder / "index.html").as_uri())
    assert texts(driver, "h1") == ["Failed and incomplete"]
    driver.get((pages.folder / "runs" / "rich" / "index.html").as_uri() + f"#q=s%3Afailed&job={pages.key('fails')}")
    until(lambda d: texts(d, ".try > .error") == ["AssertionError: assert '41.99 EUR' == '42.00 EUR'"] * 2)
    until(lambda d: d.execute_script("return [...document.images].every(i => i.complete && i.naturalWidth > 0)"))
    press(driver, Keys.ESCAPE)
    until(lambda d: texts(d, "#found") == ["1 job"])


def test_single_file_report_draws_itself(driver: WebDriver, pages: Pages, until: Until) -> None:
    """A run as one file draws itself, details included, though it asks for nothing."""
    from uitest.reporting.site import Site
    from uitest.storage.files import FolderPlace

    key = pages.key("fails")
    detail = {
        key: {
            "1": {
                "error": "told inside",
                "detail": "",
                "url": "",
                "warnings": [],
                "files": [{"name": "console.log", "kind": "text", "href": "data:,x", "text": "said inside"}],
            }
        }
    }
    (pages.folder / "single").mkdir(exist_ok=True)
    path = pages.folder / "single" / "out.html"
    path.write_bytes(Site(FolderPlace(pages.folder), "artifacts/").single(pages.rich, list(pages.rows), 0.0, detail))
    driver.get(path.as_uri() + f"#job={key}")
    until(lambda d: texts(d, ".try > .error") == ["told inside"])
    until(lambda d: texts(d, ".file pre") == ["said inside"])
    assert "uitest" in texts(driver, ".brand")[0]


def test_pages_of_an_older_version_still_open(driver: WebDriver, pages: Pages, until: Until) -> None:
    """Their data have neither base nor suites; the scripts beside them are those of the newest run."""
    home = pages.folder / "index.html"
    run = pages.folder / "runs" / "change" / "index.html"
    newer = {path: path.read_text() for path in (home, run)}
    try:
        for path, text in newer.items():
            before, _, rest = text.partition('id="data">')
            data, _, after = rest.partition("</script>")
            view = json.loads(data)
            for name in ("base", "compared", "suites", "branch", "first"):
                view.pop(name, None)
            for entry in view.get("runs") or view["jobs"]:
                for name in ("groups", "suite", "g", "w"):
                    entry.pop(name, None)
            path.write_text(f'{before}id="data">{as_json(view)}</script>{after}')
        driver.get(f"{pages.url}/index.html")
        assert texts(driver, "h1") == ["Failed and incomplete"]
        assert len(texts(driver, ".runs tbody tr")) >= 8
        driver.get(pages.page(pages.change))
        assert texts(driver, ".review h2")[0].startswith("New failures")
        assert not texts(driver, ".group")
    finally:
        for path, text in newer.items():
            path.write_text(text)
