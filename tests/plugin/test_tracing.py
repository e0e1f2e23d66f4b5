"""Traces of real cases in every engine: what they show, what they hide, and that no case notices."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plugin.conftest import Run
from uitest.model import BROWSERS

SECRET = "s3cret-words"


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACED_SECRET", SECRET)


def traces(folder: Path) -> dict[str, dict[str, Any]]:
    """The data of each trace by the name of its case."""
    found = {}
    for page in folder.glob(".uitest/pytest/*/trace.html"):
        match = re.search(
            r'<script type="application/json" id="[^"]*">(\{.*?"steps".*?)</script>', page.read_text(), re.DOTALL
        )
        assert match is not None
        data = json.loads(match[1])["trace"]
        found[data["case"].partition("::")[2]] = data
    return found


@pytest.mark.parametrize("browser", BROWSERS)
def test_what_a_trace_shows(project: Callable[[str], None], pytester: pytest.Pytester, run: Run, browser: str) -> None:
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
    assert [step["error"].partition(":")[0] for step in steps if "error" in step] == ["NoSuchElementException"]
    assert any(" >> " in step["what"] for step in steps), "how an element was found inside another"
    assert steps[-1]["result"] == "“Page”"

    pages = [trace["pages"][step["page"]] for step in steps if "page" in step]
    assert pages[-1]["url"].endswith("/page.html")
    assert "late words" in pages[-1]["html"]
    assert not re.search(r"<script|onerror|onclick", pages[-1]["html"])
    assert any("rgb(1, 2, 3)" in sheet for sheet in trace["css"]) or any(
        "rgb(1,2,3)" in sheet for sheet in trace["css"]
    )
    assert trace["shots"][-1].startswith("data:image/")
    assert any("a line to keep" in text for _, _, text in trace["console"])
    assert any(url.endswith("/data.bin") for *_, url in trace["network"])
    assert trace["sources"][0]["name"] == "test_tracing.py"
    assert all(0 <= step["at"] <= trace["took"] for step in steps)


@pytest.mark.parametrize("browser", BROWSERS)
def test_no_case_notices(project: Callable[[str], None], pytester: pytest.Pytester, run: Run, browser: str) -> None:
    """Dialogs, frames, windows, files, actions and timeouts do as they do without; every case has its trace."""
    project("tracing")
    result = run("--browser", browser, "--tracing", "on", "-k", "not fails")
    result.assert_outcomes(passed=4)
    found = traces(pytester.path)
    assert set(found) == {"test_passes", "test_dialogs", "test_frames_and_windows", "test_other_commands"}
    assert not [line for trace in found.values() for line in trace["cut"]]
    assert all(trace["pages"] and trace["shots"] for trace in found.values())


def test_off(project: Callable[[str], None], pytester: pytest.Pytester, run: Run) -> None:
    """Nothing is recorded unless it is asked for."""
    project("tracing")
    run("--browser", "chrome", "-k", "fails").assert_outcomes(failed=1)
    assert traces(pytester.path) == {}
