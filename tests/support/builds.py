"""Buildspecs, and a shell that runs their phases as CodeBuild does.

A command that fails ends its phase and the build, but what comes after a build is done all the same.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.stack import FOLDER

PHASES = ("install", "pre_build", "build", "post_build")
LIMIT_S = 240


def buildspec(name: str) -> dict[str, Any]:
    """One of the files, parsed."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return found


def commands(spec: Mapping[str, Any]) -> list[str]:
    """All commands in their order."""
    return [command for phase in PHASES for command in spec["phases"].get(phase, {}).get("commands", ())]


def _until_one_fails(commands: Sequence[str], leave: str) -> list[str]:
    return [
        line for command in commands for line in (command.rstrip("\n"), f'code=$?; [ "$code" = 0 ] || {leave} "$code"')
    ]


@dataclass(frozen=True)
class Build:
    """How one ended."""

    code: int
    said: str
    exported: dict[str, str]
    """Variables that the buildspec hands on to the pipeline."""


def build(name: str, folder: Path, environ: Mapping[str, str], path: tuple[Path, ...] = ()) -> Build:
    """Run a buildspec in a folder; ``environ`` is what the project sets, ``path`` folders with programs that go first.

    ``uitest`` and ``pytest`` are those of this environment, as they are on the image's path.
    """
    spec = buildspec(name)
    variables = {key: str(value) for key, value in spec.get("env", {}).get("variables", {}).items()}
    exported = spec.get("env", {}).get("exported-variables", [])
    after = spec["phases"].get("post_build", {}).get("commands", [])
    lines = ["after() {", *_until_one_fails(after, "return"), "}"] if after else ["after() { :; }"]
    lines += ["(", *_until_one_fails(commands(spec)[: -len(after) or None], "exit")]
    lines += [f'printf "%s=%s\\n" {key} "${key}" >> exported.txt' for key in exported]
    lines += [")", "failed=$?", 'after || exit "$?"', 'exit "$failed"']
    buildspecs = folder / "buildspecs"
    if not buildspecs.exists():
        buildspecs.symlink_to(FOLDER)
    programs = os.pathsep.join(map(str, (*path, Path(sys.executable).parent)))
    done = subprocess.run(
        ["sh", "-c", "\n".join(lines)],
        cwd=folder,
        env={**variables, **environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    file = folder / "exported.txt"
    told = dict(line.split("=", 1) for line in file.read_text().splitlines()) if file.exists() else {}
    return Build(done.returncode, done.stdout, told)
