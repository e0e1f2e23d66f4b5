"""What builds upload: the runner finds it as CodeBuild is documented to, and each of our buildspecs leaves it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipeline.test_buildspecs import NAMES, WITHOUT_CASES
from tests.pipeline.test_other_ci import FILES
from tests.support.aws.stack import FOLDER, whole
from tests.support.builds.buildspecs import Build, buildspec, here, run_buildspec
from uitest.cli.commands.ci import REPORT

GREEN = '<testsuites><testsuite><testcase name="a"/></testsuite></testsuites>'
RED = '<testsuite><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>'
OF_CASES = [*(name for name in NAMES if name not in WITHOUT_CASES), "template"]
"""Buildspecs that run cases: ours, and the one that ``uitest init`` writes."""


def run(folder: Path, *commands: str, **sections: Any) -> Build:
    """Run commands as the phase ``build`` of a buildspec with these sections."""
    spec = {"version": 0.2, "phases": {"build": {"commands": list(commands)}}, **sections}
    return run_buildspec(spec, folder, {"PATH": "/usr/bin:/bin", "CODEBUILD_BUILD_ID": "shop-Test:1"}, here())


def fill(folder: Path, *names: str, text: str = "") -> None:
    """Make files."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({"files": ["my-build1/my-file1.txt"]}, ["my-build1/my-file1.txt"]),
        ({"files": ["*/my-file3.txt"], "base-directory": "my-build2"}, ["my-subdirectory/my-file3.txt"]),
        ({"files": ["**/*"], "base-directory": "my-build2"}, ["my-file2.txt", "my-subdirectory/my-file3.txt"]),
        ({"files": ["my-build2/*"]}, ["my-build2/my-file2.txt"]),
        ({"files": ["my-build2/**/*"]}, ["my-build2/my-file2.txt", "my-build2/my-subdirectory/my-file3.txt"]),
        (
            {"files": ["**/*"], "base-directory": "my-build*", "discard-paths": "yes"},
            ["my-file1.txt", "my-file2.txt", "my-file3.txt"],
        ),
        ({"files": ["missing", "my-build1/*"]}, ["my-build1/my-file1.txt"]),
    ],
)
def test_files_of_an_artifact_are_found_as_documented(tmp_path: Path, section: Any, expected: list[str]) -> None:
    """The folders and most of the sections are those of the documentation's examples."""
    fill(tmp_path, "my-build1/my-file1.txt", "my-build2/my-file2.txt", "my-build2/my-subdirectory/my-file3.txt")
    done = run(tmp_path, "true", artifacts=section)
    assert done.code == 0, done.upload_errors
    assert done.artifact is not None
    assert list(done.artifact.files) == expected
    assert done.phases == {
        "install": "SUCCEEDED", "pre_build": "SUCCEEDED", "build": "SUCCEEDED", "post_build": "SUCCEEDED",
        "upload_artifacts": "SUCCEEDED",
    }  # fmt: skip


def test_name_and_folder_of_an_artifact_may_name_variables(tmp_path: Path) -> None:
    """Those that the build has at its end."""
    section = {"files": ["**/*"], "base-directory": "$OUT", "name": "site-$(echo $OUT | tr a-z A-Z)"}
    done = run(tmp_path, "OUT=site && mkdir site && touch site/index.html", artifacts=section)
    assert done.artifact is not None, done.upload_errors
    assert (done.artifact.name, done.artifact.files) == ("site-SITE", ("index.html",))


@pytest.mark.parametrize("section", [{"files": ["*.jar"]}, {"files": ["**/*"], "base-directory": "missing"}])
def test_artifact_without_files_fails_the_build(tmp_path: Path, section: Any) -> None:
    """Although every command has succeeded."""
    done = run(tmp_path, "true", artifacts=section)
    assert done.code == 1
    assert done.upload_errors == ("no matching artifact paths found",)
    assert list(done.phases.items())[-2:] == [("post_build", "SUCCEEDED"), ("upload_artifacts", "FAILED")]


@pytest.mark.parametrize(
    ("text", "status", "error"),
    [
        (GREEN, "SUCCEEDED", ""),
        (RED, "FAILED", ""),
        ("", "INCOMPLETE", "r.xml is not XML: no element found: line 1, column 0"),
        ("<html/>", "INCOMPLETE", "r.xml is not JUnit XML: it begins with <html>"),
        ("<testsuite><testcase/></testsuite>", "INCOMPLETE", "r.xml is not JUnit XML: a case has no name"),
        (
            f'<testsuite><testcase name="{"n" * 1001}"/></testsuite>',
            "INCOMPLETE",
            "r.xml has a name of more than 1000 characters",
        ),
        (
            RED.replace("<failure/>", f"<failure>{'m' * 5001}</failure>"),
            "INCOMPLETE",
            "r.xml has a message of more than 5000 characters",
        ),
        (None, "INCOMPLETE", "report files not found"),
    ],
    ids=["green", "red", "empty", "other-xml", "no-name", "long-name", "long-message", "missing"],
)
def test_report_is_read_as_junit(tmp_path: Path, text: str | None, status: str, error: str) -> None:
    """A case that fails makes a red report; a file that is none, or not there, makes none, and fails the build."""
    if text is not None:
        fill(tmp_path, "out/r.xml", text=text)
    done = run(
        tmp_path, "true", reports={"ui": {"files": ["*.xml"], "base-directory": "out", "file-format": "JunitXml"}}
    )
    report = done.reports["shop-Test-ui"]
    assert (report.status, report.error) == (status, error)
    assert done.code == int(bool(error))
    assert done.upload_errors == ((f"shop-Test-ui: {error}",) if error else ())


def test_report_has_500_cases_of_which_failed_ones_come_first(tmp_path: Path) -> None:
    """The rest is left out."""
    cases = "".join(f'<testcase name="{number}"/>' for number in range(600))
    fill(tmp_path, "r.xml", text=f'<testsuite>{cases}<testcase name="red"><error/></testcase></testsuite>')
    report = run(tmp_path, "true", reports={"ui": {"files": ["r.xml"]}}).reports["shop-Test-ui"]
    assert (report.status, report.cases[0], len(report.cases), report.left_out) == ("FAILED", "red", 500, 101)


def test_failed_build_uploads_what_it_has_left(tmp_path: Path) -> None:
    """The exit code stays the command's."""
    section = {"reports": {"ui": {"files": ["r.xml"]}}, "artifacts": {"files": ["r.xml"]}}
    done = run(tmp_path, f"echo '{RED}' > r.xml; exit 7", **section)
    assert (done.code, done.reports["shop-Test-ui"].status) == (7, "FAILED")
    assert done.artifact is not None
    assert list(done.phases.items())[2:] == [
        ("build", "FAILED"), ("post_build", "SUCCEEDED"), ("upload_artifacts", "SUCCEEDED"),
    ]  # fmt: skip


@pytest.mark.parametrize("phase", ["install", "pre_build"])
def test_nothing_is_uploaded_after_a_failure_before_the_build(tmp_path: Path, phase: str) -> None:
    """Even though the files are there."""
    fill(tmp_path, "r.xml", text=GREEN)
    phases = {phase: {"commands": ["exit 3"]}, "build": {"commands": ["true"]}}
    spec = {"phases": phases, "reports": {"ui": {"files": ["r.xml"]}}, "artifacts": {"files": ["r.xml"]}}
    done = run_buildspec(spec, tmp_path, {"PATH": "/usr/bin:/bin"}, here())
    assert (done.code, done.phases[phase], done.reports, done.artifact) == (3, "FAILED", {}, None)
    assert "upload_artifacts" not in done.phases


STAND_IN = """#!/bin/sh
[ "$1" = ci ] || exit 0
mkdir .uitest
for name in $LEAVES; do printf '%s' "$JUNIT" > ".uitest/$name"; done
exit "${ENDS:-0}"
"""
"""Of ``uitest``: its files, in the folder where the real one puts them (``test_builds`` runs that)."""


def of_cases(name: str, folder: Path, leaves: str, junit: str = GREEN, ends: int = 0) -> Build:
    """Run a buildspec whose ``uitest ci`` leaves these files."""
    (programs := folder / "programs").mkdir()
    for program in ("uitest", "pip"):
        (programs / program).write_text(STAND_IN)
        (programs / program).chmod(0o755)
    (source := folder / "source").mkdir()
    spec = yaml.safe_load(FILES["buildspec.yml"]) if name == "template" else buildspec(name)
    environ = {"LEAVES": leaves, "JUNIT": junit, "ENDS": str(ends), "CODEBUILD_BUILD_ID": "shop-FanOut:1"}
    return run_buildspec(spec, source, environ, here(programs))


@pytest.mark.parametrize("name", OF_CASES)
def test_buildspec_uploads_report_and_results(tmp_path: Path, name: str) -> None:
    """Of a red build as well as of a green one."""
    assert REPORT.as_posix() == ".uitest/codebuild.xml"
    for junit, ends, status in ((GREEN, 0, "SUCCEEDED"), (RED, 1, "FAILED")):
        (folder := tmp_path / status).mkdir()
        done = of_cases(name, folder, "codebuild.xml run.html", junit, ends)
        assert (done.code, done.upload_errors) == (ends, ()), done.output
        assert done.reports["shop-FanOut-uitest"].status == status
        assert done.artifact is not None
        assert done.artifact.files == (".uitest/codebuild.xml", ".uitest/run.html")


@pytest.mark.parametrize("name", OF_CASES)
def test_buildspec_whose_report_is_missing_fails(tmp_path: Path, name: str) -> None:
    """So it does where nothing at all is left."""
    report = "shop-FanOut-uitest: report files not found"
    for leaves, errors in (("run.html", (report,)), ("", (report, "no matching artifact paths found"))):
        (folder := tmp_path / f"{len(leaves)}").mkdir()
        done = of_cases(name, folder, leaves)
        assert (done.code, done.upload_errors) == (1, errors)
        assert done.reports["shop-FanOut-uitest"].status == "INCOMPLETE"


def test_projects_have_artifacts_and_report_groups_that_their_buildspecs_make() -> None:
    """An action of the pipeline hands on what the buildspec makes, and every report has its group."""
    stack = whole()
    (pipeline,) = stack.find("AWS::CodePipeline::Pipeline").values()
    handed_on: dict[str, int] = {}
    for action in (action for stage in pipeline["Stages"] for action in stage["Actions"]):
        if action["ActionTypeId"]["Provider"] == "CodeBuild":
            project = action["Configuration"]["ProjectName"]
            handed_on[project] = max(handed_on.get(project, 0), len(action.get("OutputArtifacts", ())))
    groups = {about["Name"] for about in stack.find("AWS::CodeBuild::ReportGroup").values()}
    named = set()
    for about in stack.find("AWS::CodeBuild::Project").values():
        spec = yaml.safe_load((FOLDER.parent / about["Source"]["BuildSpec"]).read_text())
        kind = about["Artifacts"]["Type"]
        expected = handed_on[about["Name"]] if kind == "CODEPIPELINE" else int(kind == "S3")
        assert int("artifacts" in spec) == expected, about["Name"]
        named |= {f"{about['Name']}-{name}" for name in spec.get("reports", ())}
        assert len(spec.get("reports", ())) <= 5
    assert named == groups
