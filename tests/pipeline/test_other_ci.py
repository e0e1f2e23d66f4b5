"""The files for GitHub Actions and Jenkins: parsed, and every call and script in them exists."""

import re
import shlex

import pytest
import yaml

from tests.support.stack import FOLDER
from tests.unit.test_cli_docs import KNOWN, options
from uitest.model import BROWSERS

FILES = {path.name: path.read_text() for path in (FOLDER.parent / "docs" / "ci").iterdir()}


@pytest.mark.parametrize("name", FILES)
def test_every_call_exists(name: str) -> None:
    """Commands of uitest, scripts beside the buildspecs, and what those need."""
    calls = re.findall(r"^\s*(uitest [^\n]*)", FILES[name], re.MULTILINE)
    assert calls
    for call in calls:
        words = shlex.split(call)[1:]
        command = next(one for one in (" ".join(words[:2]), words[0]) if one in KNOWN)
        assert {word for word in words if word.startswith("--")} <= options(KNOWN[command])
    scripts = re.findall(r"buildspecs/([\w.-]+)", FILES[name])
    assert "run.sh" in scripts
    for script in scripts:
        needed = set(re.findall(r"\$\{?([A-Z][A-Z_]+)\b", (FOLDER / script).read_text()))
        assert all(re.search(rf"\b{one}\b", FILES[name]) for one in needed), script


def test_github() -> None:
    """A workflow with the words of one, every engine, few rights, and pages that are kept of a red build too."""
    flow = yaml.safe_load(FILES["github-actions.yml"])
    assert flow[True]["pull_request"] is None  # YAML's word for "on"
    assert flow["permissions"] == {"contents": "read"}
    (job,) = flow["jobs"].values()
    assert tuple(job["strategy"]["matrix"]["browser"]) == BROWSERS
    for step in job["steps"]:
        assert ("uses" in step) != ("run" in step)
        # What an author of a pull request chooses never becomes part of a script.
        assert "${{" not in step.get("run", "")
    keep = job["steps"][-1]
    assert keep["if"] == "always()"
    assert ".uitest/junit.xml" in keep["with"]["path"]


def test_jenkins() -> None:
    """A declarative pipeline: its blocks nest as they must, and a red build has its report."""
    tree = blocks(FILES["Jenkinsfile"])
    assert set(tree) == {"pipeline"}
    assert set(tree["pipeline"]) == {"options", "stages"}
    matrix = tree["pipeline"]["stages"]["stage('UITest')"]["matrix"]
    assert set(matrix) == {"axes", "agent", "environment", "stages", "post"}
    assert "junit testResults: '.uitest/junit.xml', allowEmptyResults: true" in matrix["post"]["always"]["lines"]
    assert f"values {', '.join(map(repr, BROWSERS))}" in matrix["axes"]["axis"]["lines"]


def blocks(text: str) -> dict[str, dict[str, object]]:
    """Blocks within blocks by their heads; what is not a block is in ``lines``."""
    outer: list[dict[str, object]] = [{}]
    quoted = False
    for line in map(str.strip, text.splitlines()):
        if line.count("'''") % 2:
            quoted = not quoted
        if quoted or not line or line.startswith("//"):
            continue
        if line.endswith("{"):
            inner: dict[str, object] = {}
            outer[-1][line.removesuffix("{").strip()] = inner
            outer.append(inner)
        elif line == "}":
            outer.pop()
        elif line != "agent none":
            lines = outer[-1].setdefault("lines", [])
            assert isinstance(lines, list)
            lines.append(line)
    assert len(outer) == 1, "a block is not closed"
    assert not quoted, "a text is not closed"
    return outer[0]  # type: ignore[return-value]
