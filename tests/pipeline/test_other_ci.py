"""The shipped files for CI services: parsed, and every call in them exists; ``test_templates_run`` runs them."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.samples import NOW, attempt, header, row
from tests.unit.cli.test_cli_docs import KNOWN, options
from uitest import templates
from uitest.cli.commands.ci import REPORT
from uitest.model import BROWSERS, Verdict
from uitest.reporting.site import Site
from uitest.reporting.site.comment import LIMIT
from uitest.reporting.site.index import Index
from uitest.storage.files import open_place

KNOWN_JUNIT = next(param.default for param in KNOWN["run"].params if param.name == "junit")
FOLDER = Path(templates.__file__).parent / "ci"
FILES = {path.name: path.read_text() for path in FOLDER.iterdir()}


def test_each_service_has_one_file() -> None:
    """Nothing else is in the folder."""
    assert set(FILES) == {"github.yml", "gitlab.yml", "Jenkinsfile", "buildspec.yml"}


@pytest.mark.parametrize("name", FILES)
def test_template_needs_the_package_and_browsers_only(name: str) -> None:
    """It installs what its two placeholders say, then the browsers, and calls one command for all the rest."""
    text = FILES[name]
    assert re.findall(r"\{\{\w+\}\}", text) == ["{{install}}", "{{url}}"]
    assert 'pip install "$UITEST_REQUIREMENT"' in text
    assert not re.search(r"\bmake\b|\.sh\b", text)
    calls = re.findall(r"(?:^|[\s'])(uitest [a-z][^'\n]*)", "\n".join(commands_of(text)))
    assert 'uitest install "$UITEST_BROWSER"' in calls
    assert "uitest ci" in calls
    for call in calls:
        arguments = shlex.split(call.split("2>")[0])[1:]
        command = next(item for item in (" ".join(arguments[:2]), arguments[0]) if item in KNOWN)
        assert {word for word in arguments if word.startswith("--")} <= options(KNOWN[command])


def commands_of(text: str) -> list[str]:
    """Its lines but for comments."""
    return [line for line in text.splitlines() if not line.strip().startswith(("#", "//"))]


def test_actions_are_pinned_by_commit() -> None:
    """The version stands beside it, for people and for tools that update them."""
    used = re.findall(r"uses: (.*)", FILES["github.yml"])
    assert used
    assert all(re.fullmatch(r"actions/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line) for line in used)


def test_gitlab_has_a_job_for_each_engine() -> None:
    """Report, pages and summary are kept whatever becomes of a job."""
    job = yaml.safe_load(FILES["gitlab.yml"])["ui-tests"]
    (matrix,) = job["parallel"]["matrix"]
    assert tuple(matrix["UITEST_BROWSER"]) == BROWSERS
    assert job["artifacts"]["when"] == "always"
    assert job["artifacts"]["reports"] == {"junit": KNOWN_JUNIT}
    assert {".uitest/run.html", ".uitest/summary.md"} < set(job["artifacts"]["paths"])


def test_codebuild_reads_the_report_where_uitest_writes_it() -> None:
    """The summary is handed on."""
    spec = yaml.safe_load(FILES["buildspec.yml"])
    (report,) = spec["reports"].values()
    assert f"{report['base-directory']}/{report['files'][0]}" == str(REPORT)
    assert spec["env"]["exported-variables"] == ["UITEST_SUMMARY"]


@pytest.fixture(scope="module")
def flow() -> dict[Any, Any]:
    """The workflow for GitHub."""
    result: dict[Any, Any] = yaml.safe_load(FILES["github.yml"])
    return result


def test_github_runs_every_engine_and_keeps_what_a_red_build_leaves(flow: dict[Any, Any]) -> None:
    """The file has the keys of a workflow."""
    assert flow[True]["pull_request"] is None  # YAML's word for "on"
    assert set(flow["jobs"]) == {"cases", "comment"}
    cases = flow["jobs"]["cases"]
    assert tuple(cases["strategy"]["matrix"]["browser"]) == BROWSERS
    for step in (step for job in flow["jobs"].values() for step in job["steps"]):
        assert ("uses" in step) != ("run" in step)
        # What an author of a pull request chooses never becomes part of a script.
        assert "${{" not in step.get("run", "")
    steps = {step.get("name", "check out"): step for step in cases["steps"]}
    assert {name for name, step in steps.items() if "always()" not in step.get("if", "")} == {
        "check out", "Python", "Install", "Earlier runs of the main branch", "Run",
    }  # fmt: skip
    assert ".uitest/junit.xml" in steps["Keep the pages"]["with"]["path"]
    known = {steps[name]["with"]["path"] for name in ("Earlier runs of the main branch", "Keep what is known")}
    assert known == {cases["env"]["UITEST_BASE_SITE"]}


def test_github_trusts_no_pull_request(flow: dict[Any, Any]) -> None:
    """A pull request's code runs where nothing may be written; the job that comments runs none of it."""
    assert flow["permissions"] == {"contents": "read"}
    assert "permissions" not in flow["jobs"]["cases"]
    comment = flow["jobs"]["comment"]
    assert comment["permissions"] == {"pull-requests": "write"}
    assert "head.repo.full_name == github.repository" in comment["if"]
    assert [step.get("uses", "").partition("@")[0] for step in comment["steps"]] == ["actions/download-artifact", ""]


GH = """#!/bin/sh
echo "$*" >> asked
case "$*" in *--jq*) printf '%s' "$THERE" ;; esac
"""


@pytest.mark.parametrize(
    ("there", "requested"),
    [("", "api repos/o/r/issues/7/comments -F"), ("12\n34\n", "api --method PATCH repos/o/r/issues/comments/12 -F")],
)
def test_github_writes_one_comment_or_replaces_it(
    there: str, requested: str, flow: dict[Any, Any], tmp_path: Path
) -> None:
    """The summaries of all engines fit into it."""
    for browser in BROWSERS:
        (tmp_path / f"summary-{browser}.md").write_text(f"{browser}\n")
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    environ = {"PATH": path, "GITHUB_REPOSITORY": "o/r", "NUMBER": "7", "THERE": there}
    script = flow["jobs"]["comment"]["steps"][-1]["run"]
    subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=environ, check=True)
    assert (tmp_path / "comment.md").read_text() == "<!-- uitest -->\nchrome\nfirefox\nwebkit\n"
    assert (tmp_path / "asked").read_text().splitlines()[-1] == f"{requested} body=@comment.md --silent"
    assert len("<!-- uitest -->\n") + len(BROWSERS) * LIMIT < 65_536


def test_github_compares_with_the_last_run_of_the_main_branch(flow: dict[Any, Any], tmp_path: Path) -> None:
    """The next comment is compared with what is kept of a run of the main branch."""
    rows = [row("a", attempt(1, Verdict.FAILED))]
    earlier = header(rows, id="r:1", settings={"branch": "main"})
    Site(open_place(str(tmp_path / ".uitest" / "site")), "artifacts/").run(earlier, rows, NOW)
    steps = {step.get("name"): step for step in flow["jobs"]["cases"]["steps"]}
    subprocess.run(["bash", "-e", "-c", steps["Know this run too"]["run"]], cwd=tmp_path, check=True)
    known = Index(open_place(str(tmp_path / ".uitest" / "known"))).base(header(rows, started_at=NOW), "main")
    assert known.past.strip(rows[0].job.key) == "f"


def test_github_reports_a_failed_build_once(flow: dict[Any, Any], tmp_path: Path) -> None:
    """Where a build ended before it left anything, the steps that keep it have nothing to do."""
    steps = [step for job in flow["jobs"].values() for step in job["steps"] if "run" in step]
    last = [step["run"] for step in steps if step["name"] not in ("Install", "Run")]
    assert len(last) == 3
    for script in last:
        subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, check=True, capture_output=True)
    assert list(tmp_path.iterdir()) == []


def test_jenkins_file_is_a_declarative_pipeline() -> None:
    """Its blocks nest as they must, and a red build has its report."""
    tree = blocks(FILES["Jenkinsfile"])
    assert set(tree) == {"pipeline"}
    assert set(tree["pipeline"]) == {"options", "environment", "stages"}
    matrix = tree["pipeline"]["stages"]["stage('UI tests')"]["matrix"]
    assert set(matrix) == {"axes", "agent", "stages", "post"}
    assert "junit testResults: '.uitest/junit.xml', allowEmptyResults: true" in matrix["post"]["always"]["lines"]
    assert ".uitest/summary.md" in str(matrix["post"]["always"]["lines"])
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
