"""What CodeBuild keeps of a build: reports of its test results, and its artifact.

Both belong to the phase UPLOAD_ARTIFACTS, which follows ``post_build`` and is attempted even after a failed ``build``:

- ``files`` are paths and patterns below ``base-directory``, or below the folder of the source: ``*`` stays in a folder,
  ``**`` does not. Folders that match ``base-directory`` are no part of the paths that are kept; with ``discard-paths``
  no folder is.
- A report whose patterns match no file, or whose files are not of the format that is said, is INCOMPLETE. It is FAILED
  where a case is not green, and has 500 cases at most, of which failed ones come first. What becomes of a name of more
  than 1,000 characters, or a message of more than 5,000, is not documented: here the report is INCOMPLETE, too.
- An artifact without files fails the phase, and so does a report without files: both fail the build.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html, limits.html, test-report.html and
view-build-details-phases.html (read 2026-11). That the phase fails is not in the documentation, but in logs:
https://github.com/aws-samples/amazon-ecs-fargate-cdk-cicd/issues/13 and https://github.com/prowler-cloud/prowler/issues/1182.
Not known here, and refused: every other key (``exclude-paths``, ``secondary-artifacts``...) and every other format.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

NOT_GREEN = ("failure", "error")
CASES_LIMIT, NAME_LIMIT, MESSAGE_LIMIT = 500, 1_000, 5_000
REPORT_KEYS = {"files", "base-directory", "file-format", "discard-paths"}
ARTIFACT_KEYS = {"files", "base-directory", "name", "discard-paths"}


@dataclass(frozen=True)
class Report:
    """What a report group is given by a build."""

    status: str
    """SUCCEEDED, FAILED or INCOMPLETE."""
    files: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    """Names of those that it shows."""
    left_out: int = 0
    """Cases beyond the limit."""
    error: str = ""
    """Why it is incomplete."""


@dataclass(frozen=True)
class Artifact:
    """Files that the next action of a pipeline is given, or that a bucket keeps."""

    name: str
    """Empty for what the project says."""
    files: tuple[str, ...]
    """Their paths within the artifact."""


@dataclass(frozen=True)
class Uploads:
    """Everything that a build uploads."""

    reports: dict[str, Report]
    """By the name of the report group: the project's name comes before the buildspec's."""
    artifact: Artifact | None
    """None where the buildspec names none, or nothing was found."""
    errors: tuple[str, ...]
    """Why the phase failed."""


def texts(spec: Mapping[str, Any]) -> list[str]:
    """Values that may name variables: folders, and the name of the artifact, which is shell."""
    sections = [*spec.get("reports", {}).values(), spec.get("artifacts", {})]
    values = [str(section[key]) for section in sections for key in ("base-directory", "name") if key in section]
    return [text for text in dict.fromkeys(values) if "$" in text]


def upload(spec: Mapping[str, Any], folder: Path, project: str, expanded: Mapping[str, str]) -> Uploads:
    """Find what a build has left in the folder of its source.

    ``expanded`` has the values of ``texts``.
    """
    reports = {}
    for name, about in spec.get("reports", {}).items():
        group = name if name.startswith("arn:") else f"{project}-{name}"
        reports[group] = _report(folder, about, expanded)
    errors = [f"{name}: {report.error}" for name, report in reports.items() if report.error]
    artifact = None
    if about := spec.get("artifacts"):
        _check_keys(about, ARTIFACT_KEYS)
        if files := _found(folder, about, expanded):
            artifact = Artifact(_expand(about.get("name", ""), expanded), tuple(sorted(files)))
        else:
            errors.append("no matching artifact paths found")
    return Uploads(reports, artifact, tuple(errors))


def _report(folder: Path, about: Mapping[str, Any], expanded: Mapping[str, str]) -> Report:
    _check_keys(about, REPORT_KEYS)
    file_format = about.get("file-format", "JUNITXML").upper()
    assert file_format == "JUNITXML", f"the runner does not know {file_format}"
    files = _found(folder, about, expanded)
    if not files:
        return Report("INCOMPLETE", error="report files not found")
    names = tuple(sorted(files))
    try:
        cases = [case for path in files.values() for case in _cases(path)]
    except ValueError as exc:
        return Report("INCOMPLETE", names, error=str(exc))
    cases.sort(key=lambda case: not _is_red(case))
    shown = tuple(str(case.get("name")) for case in cases[:CASES_LIMIT])
    status = "FAILED" if any(map(_is_red, cases)) else "SUCCEEDED"
    return Report(status, names, shown, left_out=len(cases) - len(shown))


def _cases(path: Path) -> list[ElementTree.Element]:
    """The cases of a file of JUnit XML; raises ValueError for any other."""
    try:
        root = ElementTree.parse(path).getroot()  # noqa: S314  our own file
    except ElementTree.ParseError as exc:
        raise ValueError(f"{path.name} is not XML: {exc}") from exc
    if root.tag not in ("testsuites", "testsuite"):
        raise ValueError(f"{path.name} is not JUnit XML: it begins with <{root.tag}>")
    cases = list(root.iter("testcase"))
    if not all(case.get("name") for case in cases):
        raise ValueError(f"{path.name} is not JUnit XML: a case has no name")
    if any(len(case.get("name", "")) > NAME_LIMIT for case in cases):
        raise ValueError(f"{path.name} has a name of more than {NAME_LIMIT} characters")
    problems = [problem for case in cases for tag in NOT_GREEN for problem in case.findall(tag)]
    if any(len(text or "") > MESSAGE_LIMIT for problem in problems for text in (problem.text, problem.get("message"))):
        raise ValueError(f"{path.name} has a message of more than {MESSAGE_LIMIT} characters")
    return cases


def _is_red(case: ElementTree.Element) -> bool:
    return any(case.find(tag) is not None for tag in NOT_GREEN)


def _found(folder: Path, about: Mapping[str, Any], expanded: Mapping[str, str]) -> dict[str, Path]:
    """The files that a section names, by their paths in what is kept."""
    base = _expand(about.get("base-directory", "."), expanded)
    assert base, "base-directory is empty"
    assert not Path(base).is_absolute(), f"the runner does not know such a base-directory: {base}"
    discards = about.get("discard-paths", False)
    assert discards in (True, False, "yes", "no"), discards
    patterns = about["files"]
    assert isinstance(patterns, list), "files are a sequence"
    files = {}
    for top in _tops(folder, base):
        for path in sorted(top.rglob("*")):
            name = path.relative_to(top).as_posix()
            if path.is_file() and _matches(name, patterns):
                files[path.name if discards in (True, "yes") else name] = path
    return files


def _tops(folder: Path, base: str) -> Iterator[Path]:
    """Folders that match: one, or those on top whose names begin so."""
    if "*" in base:
        yield from (path for path in sorted(folder.glob(base)) if path.is_dir())
    elif (folder / base).is_dir():
        yield folder / base


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(re.fullmatch(_expression(pattern), name) for pattern in patterns)


def _expression(pattern: str) -> str:
    """A pattern as a regular expression."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    return "".join(parts.get(part, re.escape(part)) for part in re.split(r"(\*\*/|\*\*|\*)", pattern))


def _expand(text: str, expanded: Mapping[str, str]) -> str:
    return expanded.get(text, text)


def _check_keys(about: Mapping[str, Any], known: set[str]) -> None:
    assert set(about) <= known, f"the runner does not know {set(about) - known}"
