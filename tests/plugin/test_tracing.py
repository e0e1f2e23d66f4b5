"""Traces of real cases in every engine: what they show, what they hide, and that no case notices."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plugin.conftest import Run
from uitest.model import BROWSERS
from uitest.trace.command_text import DOTS

pytestmark = pytest.mark.slow

SECRET = "s3cret-words"


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACED_SECRET", SECRET)


def traces(folder: Path) -> dict[str, dict[str, Any]]:
    """The data of each trace by the name of its case."""
    files = {}
    for page in folder.glob(".uitest/pytest/*/trace.html"):
        match = re.search(
            r'<script type="application/json" id="[^"]*">(\{.*?"steps".*?)</script>', page.read_text(), re.DOTALL
        )
        assert match is not None
        data = json.loads(match[1])["trace"]
        files[data["case"].partition("::")[2]] = data
    return files


@pytest.mark.parametrize("browser", BROWSERS)
def test_trace_shows_commands_pages_console_and_requests_of_a_failure(
    project: Callable[[str], None], pytester: pytest.Pytester, run: Run, browser: str
) -> None:
    """Every command of the case that failed, how the page was, console and requests; nothing of the one that passed."""
    project("tracing")
    args = ("--browser", browser, "--mask", "TRACED_SECRET", "-k", "fails or passes")
    result = run(*args, "--tracing", "retain-on-failure")
    result.assert_outcomes(passed=1, failed=1)
    ((name, trace),) = traces(pytester.path).items()
    assert name == "test_fails"
    steps = trace["steps"]
    assert [step["n"] for step in steps if step["changes"]] == ["open", "script", "type", "type", "clear", "type"]
    first, _, words, pin, *_, hidden = [step for step in steps if step["changes"]]
    assert first["what"].endswith("/page.html")
    assert (words["what"], words["given"]) == ("#text", "typed words")
    assert "4711" not in json.dumps(trace)
    assert pin["given"] != ""
    assert SECRET not in json.dumps(trace)
    assert hidden["given"] == "***"
    assert all(step["took"] >= 0 and step["by"].startswith("test_tracing.py:") for step in steps)
    assert any(step["times"] > 1 and step["what"] == "#late" for step in steps), "a wait is one step"
    errors = [step["error"].partition(":")[0] for step in steps if "error" in step]
    assert errors == ["NoSuchElementException", "AssertionError"]
    assert any(" >> " in step["what"] for step in steps), "how an element was found inside another"
    assert steps[-2]["result"] == "“Page”"
    assert (steps[-1]["n"], steps[-1]["what"]) == ("failed", "AssertionError")
    assert any(
        text.strip().startswith("assert")
        for source in [trace["sources"][steps[-1]["source"]]]
        for number, text in enumerate(source["lines"], source["first"])
        if number == int(steps[-1]["by"].rpartition(":")[2])
    ), "the line that failed is in the trace"

    pages = [trace["pages"][step["page"]] for step in steps if "page" in step]
    assert pages[-1]["url"].endswith("/page.html")
    assert "late words" in pages[-1]["html"]
    assert not re.search(r"<script|onerror|onclick", pages[-1]["html"])
    assert any("rgb(1, 2, 3)" in sheet for sheet in trace["css"]) or any(
        "rgb(1,2,3)" in sheet for sheet in trace["css"]
    )
    assert trace["shots"][-1].startswith("data:image/")
    assert any("a line to keep" in text for _, _, text in trace["console"])
    assert any(row[5].endswith("/data.bin") and len(row) == 6 for row in trace["network"])
    check_failed_request(trace, browser)
    assert trace["outline"].splitlines() == [
        "- textbox [focused]: ***",
        f"- textbox: {DOTS}",
        "- paragraph",
        "  - text: late words",
        "- img",
    ]
    assert trace["sources"][0]["name"] == "test_tracing.py"
    assert all(0 <= step["at"] <= trace["took"] for step in steps)


def check_failed_request(trace: dict[str, Any], browser: str) -> None:
    """The request that failed has its headers and bodies, without credentials, as far as the engine gives them."""
    [order] = [row for row in trace["network"] if row[5].endswith("/orders")]
    if browser == "webkit":
        assert len(order) == 6
        assert trace["lacks"].startswith("Headers and bodies of failed requests are recorded in Chrome and Firefox")
        return
    assert order[2] == 501
    details = order[6]
    sent = {name.lower(): value for name, value in details["sent"]}
    assert (details["method"], sent["x-asked"]) == ("POST", "asked words")
    assert sent["authorization"] == DOTS
    assert "content-type" in [name.lower() for name, _ in details["received"]]
    assert "Unsupported method" in details["received_body"]
    if browser == "chrome":
        assert details["sent_body"] == f'{{"password":"{DOTS}","order":"ordered words"}}'
    else:
        assert "sent_body" not in details
    assert trace["lacks"] == ("" if browser == "chrome" else "The body that was sent is recorded in Chrome only.")
    assert not re.search("Bearer me|hush-hush", json.dumps(trace["network"]))


@pytest.mark.parametrize("browser", BROWSERS)
def test_no_case_notices_that_it_is_traced(
    project: Callable[[str], None], pytester: pytest.Pytester, run: Run, browser: str
) -> None:
    """Dialogs, frames, windows, files, actions and timeouts do as they do without; every case has its trace."""
    project("tracing")
    result = run("--browser", browser, "--tracing", "on", "-k", "not fails")
    result.assert_outcomes(passed=4)
    files = traces(pytester.path)
    assert set(files) == {"test_passes", "test_dialogs", "test_frames_and_windows", "test_other_commands"}
    assert not [line for trace in files.values() for line in trace["cut"]]
    assert all(trace["pages"] and trace["shots"] for trace in files.values())


READ = """
from selenium.webdriver.common.by import By

def test_reads(driver):
    driver.get("data:text/html,<h1>one</h1><p>two</p><button onclick='this.previousSibling.remove()'>three</button>")
    head, words = driver.find_element(By.TAG_NAME, "h1"), driver.find_element(By.TAG_NAME, "p")
    driver.find_element(By.TAG_NAME, "button").click()
    assert driver.find_element(By.TAG_NAME, "h1").is_displayed()
    assert driver.find_element(By.TAG_NAME, "button").text == "four"
"""


@pytest.mark.parametrize("browser", BROWSERS)
def test_trace_marks_elements_that_a_case_only_reads(pytester: pytest.Pytester, run: Run, browser: str) -> None:
    """Between commands the last one, at the end the last ones; the failure is about the one that was read last."""
    pytester.makepyfile(READ)
    run("--browser", browser, "--tracing", "on").assert_outcomes(failed=1)
    ((_, trace),) = traces(pytester.path).items()
    boxes = [(step["n"], step["what"], step.get("box")) for step in trace["steps"]]
    _, first, before, find, click, *_, shown, again, text, failed = boxes
    assert [step[1] for step in (first, before, find, click)] == ["h1", "p", "button", "button"]
    assert (first[2], before[2]) == (None, None)
    assert find[2] == click[2] is not None
    assert shown[1] == "h1"
    assert shown[2][2] > again[2][2] > 0, "a heading is as wide as the page"
    assert again[2] == text[2] == failed[2]
    assert failed[0] == "failed"
    assert find[2][1] > again[2][1], "the button has moved up since"


WORK = ["open", "script", "type", "click", "script"]
"""What each case of ``lost_pages`` that works does to its page first."""


@pytest.mark.parametrize("browser", BROWSERS)
def test_trace_of_a_lost_page_has_all_up_to_the_end(
    project: Callable[[str], None], pytester: pytest.Pytester, run: Run, browser: str
) -> None:
    """All up to the end, the right error and that the end could not be seen; the next case is recorded as ever."""
    project("lost_pages")
    ends = {  # the last step and its error; of a crash, drivers say what they notice first
        "test_crashes": ("find", "tab crashed" if browser == "chrome" else "Exception: "),
        "test_hangs": ("script", "CaseTimeout: case timed out after 8 s"),
        "test_fails_beside_a_loop": ("script", ""),
        "test_fails_beside_a_flood": ("script", ""),
    }
    only = "" if browser == "chrome" else "not beside and not flood"  # others are looked at in another way
    result = run("--browser", browser, "--tracing", "retain-on-failure", "--case-timeout=8", "-k", only)
    errors = [line.replace("Message: ", "") for line in result.outlines if line.startswith("E ")]
    files = traces(pytester.path)
    for name, trace in files.items():
        *steps, failed = trace["steps"]
        assert (failed["n"], failed["by"].partition(":")[0]) == ("failed", "test_lost_pages.py"), name
        lines = [text for _, _, text in trace["console"]]
        acts = [step["n"] for step in steps if step["changes"]]
        assert all(step["at"] + step["took"] <= trace["took"] + 0.002 for step in steps), name  # each is rounded
        if name in ends:
            error = steps[-1].get("error", "")
            assert (steps[-1]["n"], ends[name][1] in error) == (ends[name][0], True), name
            assert any(error in line for line in errors), name
            assert trace["cut"][-1] == "the page could not be recorded at the end", name
        else:
            assert (acts, steps[-1]["n"], steps[-1]["result"]) == (WORK, "title", "“Page”"), name
            assert (trace["shots"] != [], "page" in steps[-2]) == (True, True), name
            assert not [line for line in trace["cut"] if not line.endswith("of a case's time")], name
        if name == "test_fails_beside_a_loop":
            continue
        typed = next(step["given"] for step in steps if step["n"] == "type")
        assert acts[: len(WORK)] == WORK, name
        assert any(typed in page["html"] for page in trace["pages"]), name
        assert any("flood" in line if name == "test_fails_beside_a_flood" else typed in line for line in lines), name
    everywhere = {"test_crashes", "test_after_a_crash", "test_hangs", "test_after_a_loop"}
    assert set(files) == (everywhere if only else {*everywhere, *ends, "test_after_a_flood"})


def test_nothing_is_recorded_when_tracing_is_off(
    project: Callable[[str], None], pytester: pytest.Pytester, run: Run
) -> None:
    """Nothing is recorded unless it is asked for."""
    project("tracing")
    run("--browser", "chrome", "-k", "fails").assert_outcomes(failed=1)
    assert traces(pytester.path) == {}
