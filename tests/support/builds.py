"""Buildspecs, and a shell that runs their phases as CodeBuild does: here, or in a container of the image.

All phases share one shell. A command that fails ends its phase and the build, but what comes after a build is done all
the same (https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html, read 2026-11).
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.stack import FOLDER

PHASES = ("install", "pre_build", "build", "post_build")
LIMIT_S = 240

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
    said: str
    exported: dict[str, str]
    """Variables that the buildspec hands on to the pipeline."""


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
    """Run a buildspec in a folder; ``environ`` is what the project sets."""
    spec = buildspec(name)
    variables = {key: str(value) for key, value in spec.get("env", {}).get("variables", {}).items()}
    exported = spec.get("env", {}).get("exported-variables", [])
    shutil.copytree(FOLDER, folder / "buildspecs", dirs_exist_ok=True)
    done = shell(_script(spec, exported), folder, {**variables, **environ})
    file = folder / "exported.txt"
    exported_values = dict(line.split("=", 1) for line in file.read_text().splitlines()) if file.exists() else {}
    file.unlink(missing_ok=True)
    return Build(done.returncode, done.stdout, exported_values)


def _script(spec: Mapping[str, Any], exported: Sequence[str]) -> str:
    lines = ["failed=0 late=0", *_function("before", commands(spec, PHASES[:2]))]
    lines += [*_function("build", commands(spec, PHASES[2:3])), *_function("after", commands(spec, PHASES[3:]))]
    lines += ['before || exit "$?"', "build || failed=$?", "after || late=$?"]
    lines += [f'printf "%s=%s\\n" {shlex.quote(name)} "${name}" >> exported.txt' for name in exported]
    return "\n".join([*lines, 'if [ "$failed" = 0 ]; then failed=$late; fi', 'exit "$failed"'])


def _function(name: str, commands: Sequence[str]) -> list[str]:
    """A function that returns with the first command that fails."""
    check = 'code=$?; [ "$code" = 0 ] || return $code'
    steps = [line for command in commands for line in (command.rstrip("\n"), check)]
    return [f"{name}() {{", *steps, ":", "}"]
