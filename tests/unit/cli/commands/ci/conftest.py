"""A build by ``uitest ci`` in an empty folder, whose steps are recorded and not run."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support.builders import make_run
from uitest import cli
from uitest.cli.commands import ci
from uitest.errors import UnknownRun
from uitest.model import Run

Ci = Callable[..., list[str]]

exported: list[set[str]] = []
"""The forms in which runs were written."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: an empty folder."""
    path = tmp_path / "repository"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def build(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Ci:
    """Runs the command in an empty folder with steps that have these exit codes; returns all lines that it prints.

    Each step is a line, a run has a report; ``during`` is called with each step's arguments.
    """
    for name in list(os.environ):
        if name.startswith(("UITEST_", "CODEBUILD_", "GITHUB_", "CI_", "CHANGE_")) or name in ("BROWSER", "WebURL"):
            monkeypatch.delenv(name)

    def run(
        *words: str,
        codes: Mapping[str, int] | None = None,
        quarantined: int = 0,
        during: Callable[[list[str]], object] = lambda _: None,
    ) -> list[str]:
        real = cli.exit_code_of

        def step(argv: list[str]) -> int:
            if argv[0] == "ci":
                return real(argv)
            print("step:", *argv)
            during(argv)
            return (codes or {}).get(argv[0], 0)

        def export(_store: str, run_id: str, forms: Mapping[str, str], markdown: str) -> Run:
            print("report:", run_id)
            exported.append(set(forms))
            if "run" in (codes or {}) and (codes or {})["run"] == 3:
                raise UnknownRun("there is no such run")
            Path(markdown).parent.mkdir(exist_ok=True)
            Path(markdown).write_text("## the summary\n")
            return make_run(run_id, planned=600, counts={"quarantined": quarantined})

        with monkeypatch.context() as steps:
            steps.setattr(cli, "exit_code_of", step)
            steps.setattr(ci, "export", export)
            with pytest.raises(SystemExit) as ended:
                cli.main(["ci", *words])
        output = capfd.readouterr()
        lines = f"{output.out}{output.err}".splitlines()
        return [*lines, f"exit code {ended.value.code}"]

    return run
