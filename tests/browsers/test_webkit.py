"""One WebKit process serves session after session, and leaves nothing of a session but itself."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.common.exceptions import NoSuchFrameException, StaleElementReferenceException
from selenium.webdriver.common.by import By

from tests.plugin.pages import Pages
from tests.support.processes import Known, descendants, eventually
from uitest import browsers
from uitest.browsers.engines import webkit
from uitest.browsers.engines.webkit import servers as webkit_servers
from uitest.browsers.settings import Settings
from uitest.compat import features

SETTINGS = Settings(window_size=(800, 600))

Start = Callable[[], webkit.WebKit]


@pytest.fixture
def servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[webkit_servers.Servers]:
    """Two servers, in a home of their own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    servers = webkit_servers.Servers(webkit.options(SETTINGS))
    yield servers
    servers.stop()


@pytest.fixture
def start(servers: webkit_servers.Servers) -> Start:
    """Starts a session."""
    return lambda: webkit.WebKit(webkit.options(SETTINGS), servers, SETTINGS.viewport)


def running(name: str) -> set[Known]:
    """Processes of this test's home with this in their command line: other tests' WebKit may run beside it."""
    home = f"HOME={os.environ['HOME']}\0".encode()
    processes = set()
    for known in descendants(os.getpid()):
        folder = Path(f"/proc/{known[0]}")
        with contextlib.suppress(OSError):  # it may end meanwhile
            if name in (folder / "cmdline").read_text() and home in (folder / "environ").read_bytes():
                processes.add(known)
    return processes


def test_sessions_share_two_browsers(start: Start, pages: Pages) -> None:
    """Session after session comes from the same two processes; their pages end with them, hung ones too."""
    start().quit()
    start().quit()
    hosts = running("webkit/host.py")
    assert len(hosts) == 2
    for _ in range(4):
        driver = start()
        driver.get(f"{pages.url}/page.html")
        driver.find_element(By.ID, "popup").click()
        driver.execute_script("setTimeout(() => { while (true); }, 50)")
        time.sleep(0.2)
        assert running("WebKitWebProcess")
        driver.quit()
        eventually(lambda: not running("WebKitWebProcess"), "the session's pages have ended")
    assert running("webkit/host.py") == hosts
    assert len(running("WebKitNetworkProcess")) == 2


def test_browser_that_died_is_replaced(start: Start) -> None:
    """A session after a crash of the whole browser gets another."""
    start().quit()
    start().quit()
    for pid, _ in (dead := running("webkit/host.py")):
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    driver = start()
    driver.get("about:blank")
    assert running("webkit/host.py").isdisjoint(dead)


def test_webkit_console_has_what_pages_log_while_they_load(start: Start, slow_page: str) -> None:
    """What a page logs while it loads is kept, also of a page that a click opened."""
    driver = start()
    driver.get(f"{slow_page}/log")
    assert driver.console() == ["LOG loading", "WARN loaded"]
    driver.execute_script(
        "document.body.insertAdjacentHTML('beforeend', '<a id=on href=/log>on</a>'); console.error('before')"
    )
    driver.find_element(By.ID, "on").click()
    eventually(lambda: driver.console() == ["LOG loading", "WARN loaded"], "the next page has loaded")


def test_window_that_is_switched_to_has_the_focus(start: Start, pages: Pages) -> None:
    """The window that is switched to has the focus; one that a page opens has the size it asked for."""
    driver = start()
    look = "return [innerWidth, innerHeight, document.hasFocus(), document.visibilityState]"
    own = driver.current_window_handle
    driver.get(f"{pages.url}/page.html")
    assert driver.execute_script(look) == [800, 600, True, "visible"]
    driver.switch_to.new_window("tab")
    assert driver.execute_script(look) == [800, 600, True, "visible"]
    driver.switch_to.window(own)
    assert driver.execute_script(look) == [800, 600, True, "visible"]
    driver.close()
    driver.switch_to.window(driver.window_handles[0])
    driver.get(f"{pages.url}/page.html")
    driver.execute_script("button.onclick = () => open('page.html', '', 'width=300,height=200')")
    known = set(driver.window_handles)
    driver.find_element(By.ID, "button").click()
    eventually(lambda: len(driver.window_handles) == 2, "the window is open")
    driver.switch_to.window((set(driver.window_handles) - known).pop())
    eventually(lambda: driver.execute_script(look) == [300, 200, True, "visible"], "it is as asked for")


def test_command_goes_on_in_the_next_page_when_the_page_leaves(start: Start, pages: Pages) -> None:
    """The look goes on in the next page, where what was found in the last one is stale; a script is not run again."""
    leave = "document.getElementById('words').remove(); setTimeout(() => location.reload(), 300)"
    driver = start()
    driver.implicitly_wait(20)
    driver.get(f"{pages.url}/page.html")
    driver.execute_script(leave)
    assert driver.find_element(By.ID, "words").text == "Hello"
    body = driver.find_element(By.TAG_NAME, "body")
    driver.execute_script(leave)
    with pytest.raises(StaleElementReferenceException):
        body.find_element(By.ID, "words")
    with pytest.raises(NoSuchFrameException):
        driver.execute_async_script("localStorage.runs = Number(localStorage.runs || 0) + 1; location.reload()")
    assert driver.execute_script("return localStorage.runs") == "1"


FORM = "<form action=/page.html><button id=send>send</button></form>"
LINK = "<a id=send href=/page.html>send</a>"
SCRIPT = "<b id=send onclick=\"location = '/page.html'\">send</b>"


@pytest.mark.parametrize(("element", "act"), [(FORM, "click"), (FORM, "submit"), (LINK, "click"), (SCRIPT, "click")])
def test_command_after_a_click_meets_the_next_page(start: Start, pages: Pages, element: str, act: str) -> None:
    """A click or ``submit()`` returns when the navigation has begun. Without the wait about one in five is early."""
    driver = start()
    early = 0
    for _ in range(20):
        driver.get(f"{pages.url}/page.html")
        driver.execute_script("document.body.innerHTML = arguments[0]", element)
        getattr(driver.find_element(By.ID, "send"), act)()
        early += bool(driver.find_elements(By.ID, "send"))
    assert early == 0


@pytest.mark.parametrize(
    "element",
    [
        "<a id=b href='#part'>part</a>",
        "<a id=b href='/page.html' download>download</a>",
        "<a id=b href='/page.html' target=f>frame</a><iframe name=f></iframe>",
        "<a id=b href='/missing.html'>missing</a>",
        "<a id=b href='mailto:ada@example.com'>mail</a>",
        "<a id=b href='javascript:void 0'>script</a>",
        "<a id=b href='data:text/plain,words'>data</a>",
        "<a id=b href='/page.html' target=_blank>window</a>",
        "<b id=b onclick='location.reload()'>reload</b>",
        "<b id=b onclick='history.pushState({}, null, 1)'>state</b>",
    ],
)
def test_nothing_is_awaited_after_a_click(start: Start, pages: Pages, element: str) -> None:
    """No navigation is taken for one that never begins, whatever a click leads to."""
    driver = start()
    driver.get(f"{pages.url}/page.html")
    driver.execute_script("document.body.innerHTML = arguments[0]", element)
    driver.find_element(By.ID, "b").click()
    eventually(lambda: driver.server.pending_navigations() == 0, "no navigation is pending")


def test_click_that_opens_a_dialog_leaves_it_open(start: Start, pages: Pages) -> None:
    """Waiting for a navigation neither closes a dialog nor waits for it."""
    driver = start()
    driver.get(f"{pages.url}/page.html")
    for script in ("alert('Ada')", "setTimeout(() => alert('Ada'))", "location.reload(); alert('Ada')"):
        driver.execute_script(f'document.body.innerHTML = `<b id=b onclick="{script}">b</b>`')
        driver.find_element(By.ID, "b").click()
        assert driver.switch_to.alert.text == "Ada"
        driver.switch_to.alert.accept()


def test_click_that_closes_its_window_returns(start: Start, pages: Pages) -> None:
    """There is no page to wait for then."""
    driver = start()
    driver.get(f"{pages.url}/page.html")
    first = driver.current_window_handle
    driver.find_element(By.ID, "popup").click()
    eventually(lambda: len(driver.window_handles) == 2, "the window is open")
    driver.switch_to.window((set(driver.window_handles) - {first}).pop())
    driver.execute_script("document.body.innerHTML = '<b id=b onclick=window.close()>b</b>'")
    driver.find_element(By.ID, "b").click()
    driver.switch_to.window(first)
    assert driver.window_handles == [first]


def test_command_ends_on_a_page_that_never_stays(start: Start, slow_page: str) -> None:
    """A look at it ends too."""
    driver = start()
    driver.implicitly_wait(20)
    driver.get(f"{slow_page}/restless")
    with pytest.raises(NoSuchFrameException):
        driver.find_element(By.ID, "nowhere")


def test_downloads_without_a_folder_are_cancelled(start: Start, pages: Pages, tmp_path: Path) -> None:
    """Nothing of the site arrives in the home of whoever runs the suite."""
    driver = start()
    driver.get(f"{pages.url}/page.html")
    driver.find_element(By.ID, "download").click()
    eventually(lambda: any("data.bin" in line for line in pages.requests), "the file is asked for")
    assert driver.title == "Page"
    driver.get(f"{pages.url}/page.html")
    assert list(tmp_path.rglob("data.bin*")) == []


def test_own_arguments_get_minibrowser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite that gives the browser arguments of its own gets MiniBrowser, which knows them."""
    monkeypatch.setenv("HOME", str(tmp_path))  # a warm host of another test is not this one's
    driver = browsers.start("webkit", Settings(arguments=("--enable-javascript-markup=false",)))
    try:
        assert running("--enable-javascript-markup=false")
        assert not running("webkit/host.py")
    finally:
        driver.quit()


def test_named_minibrowser_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who names a MiniBrowser gets it."""
    options = webkit.options(SETTINGS)
    assert webkit_servers.can_be_hosted(options)
    monkeypatch.setenv("UITEST_MINIBROWSER", options.binary_location)
    assert not webkit_servers.can_be_hosted(options)


@pytest.mark.parametrize("broken", ["name", "script"])
def test_minibrowser_serves_with_a_warning_when_the_library_cannot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pages: Pages, broken: str
) -> None:
    """MiniBrowser serves the case, and one warning names the library.

    The library has no function of a name that is used, or does not run the scripts that it is given.
    """
    monkeypatch.setenv("UITEST_CACHE", str(tmp_path / "cache"))
    old, new = ("webkit_download_cancel", "webkit_other") if broken == "name" else ("lines.push(", "void (")
    program = tmp_path / "host.py"
    program.write_text(webkit_servers.HOST.read_text().replace(old, new))
    monkeypatch.setattr(webkit_servers, "HOST", program)
    features.forget()
    try:
        with pytest.warns(UserWarning, match=r"^WebKitGTK libwebkit2gtk-4\.1\.so\S+ does not .* a MiniBrowser"):
            servers = webkit_servers.Servers(webkit.options(SETTINGS))
        driver = webkit.WebKit(webkit.options(SETTINGS), servers, SETTINGS.viewport, owns=True)
        driver.get(f"{pages.url}/page.html")
        assert driver.title == "Page"
        assert running("MiniBrowser")
        assert not running(str(program))
        driver.quit()
        assert not (tmp_path / "cache").exists()  # the next process looks again
    finally:
        features.forget()
