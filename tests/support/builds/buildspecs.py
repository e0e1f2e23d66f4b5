"""Buildspecs, and a runner that does with them what CodeBuild is documented to do: here, or in the image.

- Each command is a process of its own. The folder and the variables that one leaves are there for the next, exported or
  not; functions, traps and what it has put in the background with an EXIT trap are not.
- The first command that fails ends its phase, whose ``finally`` commands run all the same. After a failed ``install``
  or ``pre_build`` nothing else runs and nothing is uploaded; after a failed ``build``, ``post_build`` runs, and reports
  and artifacts are uploaded (``uploads``), as they are after a failed ``post_build``. CODEBUILD_BUILD_SUCCEEDING tells.
- The source has come in a zip file: no file can be executed.

https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html and build-spec-ref.html (read
2026-11). Not known here, and refused: ``on-failure``, ``retry`` and ``run-as``.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.aws.stack import FOLDER
from tests.support.builds.uploads import Artifact, Report, Uploads, texts, upload

PHASES = ("install", "pre_build", "build", "post_build")
LIMIT_S = 240

CODEBUILD = {
    "CODEBUILD_BUILD_ID": "build:1",
    "CODEBUILD_BUILD_ARN": "arn:aws:codebuild:eu-west-1:111122223333:build/build:1",
    "CODEBUILD_BUILD_NUMBER": "1",
    "CODEBUILD_INITIATOR": "somebody",
    "CODEBUILD_RESOLVED_SOURCE_VERSION": "0123456789abcdef0123456789abcdef01234567",
    "CODEBUILD_CI": "true",
}
"""What CodeBuild itself sets in every build, besides CODEBUILD_SRC_DIR and CODEBUILD_BUILD_SUCCEEDING."""

Shell = Callable[[str, Path, Mapping[str, str]], "subprocess.CompletedProcess[str]"]
"""Runs a script in a folder with these variables; standard error goes where standard output does."""


def buildspec(name: str) -> dict[str, Any]:
    """One of the files, parsed."""
    spec: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return spec


def commands(spec: Mapping[str, Any], phases: Sequence[str] = PHASES) -> list[str]:
    """All commands of these phases in their order."""
    return [command for phase in phases for command in spec["phases"].get(phase, {}).get("commands", ())]


@dataclass(frozen=True)
class Build:
    """How one ended."""

    code: int
    output: str
    exported: dict[str, str]
    """Variables that the buildspec hands on to the pipeline."""
    phases: dict[str, str] = field(default_factory=dict)
    """SUCCEEDED or FAILED by the phases that were attempted, in their order."""
    reports: dict[str, Report] = field(default_factory=dict)
    """By the name of the report group."""
    artifact: Artifact | None = None
    upload_errors: tuple[str, ...] = ()
    """Why UPLOAD_ARTIFACTS failed."""


def here(*path: Path) -> Shell:
    """A shell on this machine; ``path`` are folders with programs that go first.

    ``uitest`` and ``pytest`` are those of this environment, as they are on the image's path.
    """
    programs = os.pathsep.join([*map(str, (*path, Path(sys.executable).parent)), os.environ["PATH"]])

    def run(script: str, folder: Path, environ: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
        return run_shell(["sh", "-c", script], cwd=folder, env={**environ, "PATH": programs})

    return run


def run_shell(words: Sequence[str], **more: Any) -> "subprocess.CompletedProcess[str]":
    """A shell, waited for."""
    return subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=LIMIT_S, check=False, **more,
    )  # fmt: skip


def build(name: str, folder: Path, environ: Mapping[str, str], shell: Shell) -> Build:
    """Run one of our buildspecs in a folder with the source; ``environ`` is what the project sets."""
    return run_buildspec(buildspec(name), folder, environ, shell)


def run_buildspec(spec: Mapping[str, Any], folder: Path, environ: Mapping[str, str], shell: Shell) -> Build:
    """Run a buildspec in a folder with the source."""
    variables = {key: str(value) for key, value in spec.get("env", {}).get("variables", {}).items()}
    exported = spec.get("env", {}).get("exported-variables", [])
    as_from_a_zip(folder)
    given = {**variables, **CODEBUILD, **environ}
    done = shell(_script(spec, exported), folder, given)
    (ended := folder / ENDED).touch()  # a build that was ended itself has left none
    lines = [line.partition(" ")[::2] for line in ended.read_text().splitlines()]
    ended.unlink()
    records = {
        kind: dict(rest.split("=", 1) for word, rest in lines if word == kind) for kind in ("phase", "export", "text")
    }
    phases = {name: _state(code == "0") for name, code in records["phase"].items()}
    uploads = Uploads({}, None, ())
    if "build" in phases:
        expanded = {text: records["text"][str(number)] for number, text in enumerate(texts(spec))}
        uploads = upload(spec, folder, given["CODEBUILD_BUILD_ID"].partition(":")[0], expanded)
        phases["upload_artifacts"] = _state(not uploads.errors)
    code = done.returncode or int(bool(uploads.errors))
    return Build(
        code, done.stdout, records["export"], phases, uploads.reports, uploads.artifact, uploads.errors,
    )  # fmt: skip


def _state(succeeded: bool) -> str:
    return "SUCCEEDED" if succeeded else "FAILED"


def as_from_a_zip(folder: Path) -> None:
    """Take the right to execute from every file, except git's own."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and ".git" not in path.relative_to(folder).parts:
            path.chmod(0o644)


ENDED = "ended.txt"
"""A file at the end of the script: phases, exported variables and texts of the buildspec with variables in them."""

COMMAND = """
. "$1/variables"
CODEBUILD_BUILD_SUCCEEDING=$(cat "$1/succeeding"); export CODEBUILD_BUILD_SUCCEEDING
cd "$(cat "$1/folder")" || exit
_state=$1
eval "$2"
_code=$?
{ set; export -p; } > "$_state/variables"
pwd > "$_state/folder"
exit $_code
"""
"""One command in a process of its own: folder of the state, command."""

PRELUDE = f"""
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
CODEBUILD_SRC_DIR=$PWD; export CODEBUILD_SRC_DIR
pwd > "$state/folder"; : > "$state/variables"; echo 1 > "$state/succeeding"
run() {{ sh -c {shlex.quote(COMMAND)} command "$state" "$1"; }}
fail() {{ echo 0 > "$state/succeeding"; }}
"""

ORDER = """
code=0
if phase_install && phase_pre_build; then
    phase_build || { code=$?; fail; }
    phase_post_build || { late=$?; [ $code != 0 ] || code=$late; }
else
    code=$?
fi
"""


def _script(spec: Mapping[str, Any], exported: Sequence[str]) -> str:
    phases = [_phase(name, spec["phases"].get(name, {})) for name in PHASES]
    prints = [f'printf "export %s=%s\\n" {shlex.quote(name)} "${name}"' for name in exported]
    prints += [f'printf "text %s=%s\\n" {number} "{text}"' for number, text in enumerate(texts(spec))]
    last = f'run {shlex.quote("; ".join([f"cd {chr(34)}$CODEBUILD_SRC_DIR{chr(34)}", *prints]))} >> "$state/ended"'
    end = f'cp "$state/ended" "$CODEBUILD_SRC_DIR/{ENDED}"'
    return "\n".join([PRELUDE, *phases, ORDER, last, end, 'exit "$code"'])


def _phase(name: str, about: Mapping[str, Any]) -> str:
    """A function that returns with the first command that fails, after the ``finally`` commands."""
    unknown = set(about) - {"commands", "finally", "runtime-versions"}
    assert not unknown, f"the runner does not know {unknown}"
    steps = [f"run {shlex.quote(command)}" for command in about.get("commands", ())]
    last = [f"run {shlex.quote(command)}" for command in about.get("finally", ())]
    return "\n".join(
        [
            f"phase_{name}() {{",
            f"    {' && '.join([*steps, ':'])}; phase_code=$?",
            "    [ $phase_code = 0 ] || fail",
            f"    {' && '.join([*last, ':'])} || {{ [ $phase_code != 0 ] || phase_code=1; }}",
            f'    echo "phase {name}=$phase_code" >> "$state/ended"',
            "    return $phase_code",
            "}",
        ]
    )
