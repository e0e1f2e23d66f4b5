"""What a snapshot keeps beside elements: frames, canvases and images, recorded and shown in each engine."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.site.conftest import picture
from tests.site.page_actions import Until
from uitest.reporting.site.page import Pages as Templates
from uitest.reporting.web_server import SiteServer
from uitest.trace.page_observer import PAGE_LIMIT
from uitest.trace.recording import Recording, written
from uitest.trace.steps import Step

LOOK = files("uitest.trace").joinpath("look.js").read_text()

PAGE = """<!doctype html><title>Shop</title><style>.inner { border: 0 } p { color: rgb(0, 0, 200) }</style>
<p id="outside">Outside</p>
<img id="ordinary" src="own.png" width="60" height="40" alt="A tool">
<img id="foreign" src="ELSEWHERE/own.png" width="60" height="40" alt="An advertisement">
<canvas id="drawn" width="80" height="30"></canvas>
<iframe id="same" class="inner" src="frame.html" width="300" height="80"></iframe>
<iframe id="other" src="ELSEWHERE/frame.html?token=1" width="200" height="50"></iframe>
<script>
  const context = document.getElementById("drawn").getContext("2d");
  context.fillStyle = "rgb(200, 0, 0)";
  context.fillRect(0, 0, 80, 30);
</script>"""
FRAME = """<!doctype html><style>p { color: rgb(0, 120, 0) }</style><body style="background: rgb(250, 250, 210)">
<p id="inside">Inside the frame</p><input id="value">
<script>document.getElementById("value").value = "typed"</script>"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with the files of a page, its frame and its image."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "frame.html").write_text(FRAME)
    (folder / "own.png").write_bytes(picture())
    return folder


def test_frames_canvases_and_images_are_in_the_snapshot(
    driver: WebDriver, shop: list[str], until: Until, tmp_path: Path
) -> None:
    """Those of the page's own origin; of others a placeholder says what is missing. The page itself stays as it was."""
    with SiteServer(shop) as server, SiteServer(shop) as elsewhere:
        (shop / "index.html").write_text(PAGE.replace("ELSEWHERE", elsewhere.url))
        driver.get(f"{server.url}/index.html")
        until(lambda d: d.execute_script("return [...document.images].every(one => one.complete && one.naturalWidth)"))
        before = driver.execute_script("return document.documentElement.outerHTML")
        limits = {"limit": PAGE_LIMIT, "pictures": 60_000}
        options = json.dumps({"whole": True, "apart": False, "origin": 0, "seen": 0, "said": 0, **limits})
        observation = json.loads(driver.execute_script(f"return ({LOOK})(null, arguments[0])", options))
        assert driver.execute_script("return document.documentElement.outerHTML") == before
    recording = Recording(steps=[Step("open", "get", 0.0, changes=True)])
    recording.see(0, observation)
    assert len(recording.images) == 2
    assert recording.size() > sum(map(len, recording.images.values()))
    data = written(recording, {"began": 0.0, "case": "c", "browser": "b"}, ([], {}), lambda text: text)
    (tmp_path / "trace.html").write_bytes(Templates().trace(data))
    driver.get((tmp_path / "trace.html").as_uri() + "#step=1&look=page")
    shown = until(
        lambda d: d.execute_script("""
        const page = document.querySelector('.sheet iframe')?.contentDocument;
        const frame = page?.getElementById('same')?.shadowRoot;
        const images = page && ['ordinary', 'foreign', 'drawn'].map(id => page.getElementById(id));
        if (!frame || !images.every(one => one?.naturalWidth)) return null;
        const view = page.defaultView, box = id => page.getElementById(id).getBoundingClientRect();
        return {
            sources: images.map(one => one.src.split(/[;,]/)[0]),
            missing: decodeURIComponent(images[1].src),
            inside: frame.querySelector('#inside').textContent,
            colour: view.getComputedStyle(frame.querySelector('#inside')).color,
            value: frame.querySelector('#value').value,
            outside: view.getComputedStyle(page.getElementById('outside')).color,
            other: page.getElementById('other').textContent,
            sizes: [box('same').width, box('same').height, box('drawn').width, box('drawn').height],
        };""")
    )
    assert isinstance(shown, dict)
    assert [source.split("/")[0] for source in shown["sources"]] == ["data:image"] * 3
    assert "svg" in shown["sources"][1]
    assert ">An advertisement<" in shown["missing"]
    assert (shown["inside"], shown["colour"], shown["value"]) == ("Inside the frame", "rgb(0, 120, 0)", "typed")
    assert shown["outside"] == "rgb(0, 0, 200)"
    assert shown["other"].endswith("/frame.html: its page is not in the snapshot")
    assert "token" not in shown["other"]
    assert shown["sizes"] == [300, 80, 80, 30]
    assert driver.find_element(By.CSS_SELECTOR, ".stage .told").text == "1 picture of the page is not in the snapshot."
