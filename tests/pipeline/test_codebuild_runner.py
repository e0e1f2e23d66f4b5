"""The runner of buildspecs behaves as CodeBuild is documented to."""

from pathlib import Path
from typing import Any

from tests.support.builds.buildspecs import Build, here, run_buildspec


def run(folder: Path, **phases: Any) -> Build:
    """Run phases: a list of commands, or the phase itself."""
    spec = {
        "version": 0.2,
        "env": {"variables": {"GIVEN": "by the file"}, "exported-variables": ["TOLD"]},
        "phases": {name: {"commands": about} if isinstance(about, list) else about for name, about in phases.items()},
    }
    return run_buildspec(spec, folder, {"PATH": "/usr/bin:/bin"}, here())


def test_folder_and_variables_are_carried_over(tmp_path: Path) -> None:
    """Commands and phases keep both, exported or not; programs see exported variables only."""
    done = run(
        tmp_path,
        install=["mkdir inner && cd inner", "PLAIN='two  words'", "export SHOWN=1 TOLD='three\" words'"],
        build=["basename $PWD", 'echo "$PLAIN, $GIVEN"', "env | grep -E '^(PLAIN|SHOWN|CODEBUILD_BUILD_ID)=' | sort"],
    )
    assert done.code == 0, done.output
    assert done.output.splitlines() == ["inner", "two  words, by the file", "CODEBUILD_BUILD_ID=build:1", "SHOWN=1"]
    assert done.exported == {"TOLD": 'three" words'}


def test_each_command_is_a_process(tmp_path: Path) -> None:
    """Functions are gone before the next command, and so is what a trap ends."""
    done = run(
        tmp_path,
        build=[
            "hello() { echo hello; }; hello",
            "! command -v hello",
            "sleep 60 >/dev/null 2>&1 & echo $! > pid; trap 'kill $!; wait' EXIT",
            "! kill -0 $(cat pid) 2>/dev/null",
            "echo $$ > first",
            '[ "$(cat first)" != $$ ] && echo another',
        ],
    )
    assert done.code == 0, done.output
    assert done.output.splitlines() == ["hello", "another"]


def test_post_build_runs_after_a_failed_build(tmp_path: Path) -> None:
    """The first failure ends the phase, finally runs, and the exit code is the failed command's."""
    done = run(
        tmp_path,
        build={"commands": ["echo a; (exit 7)", "echo never"], "finally": ["echo finally"]},
        post_build=["echo $CODEBUILD_BUILD_SUCCEEDING"],
    )
    assert done.code == 7
    assert done.output.splitlines() == ["a", "finally", "0"]


def test_nothing_runs_after_a_failed_pre_build(tmp_path: Path) -> None:
    """Neither build nor post_build runs."""
    done = run(tmp_path, install=["echo $CODEBUILD_BUILD_SUCCEEDING"], pre_build=["exit 4"], build=["echo never"])
    assert (done.code, done.output) == (4, "1\n")


def test_failed_post_build_fails_the_build(tmp_path: Path) -> None:
    """A failed finally block does so, too."""
    assert run(tmp_path, build=["true"], post_build=["exit 5"]).code == 5
    assert run(tmp_path, build={"commands": ["true"], "finally": ["false"]}).code == 1


def test_files_of_the_source_are_not_executable(tmp_path: Path) -> None:
    """Files from a zip file have no executable bits."""
    (tmp_path / "script.sh").write_text("echo hello\n")
    (tmp_path / "script.sh").chmod(0o755)
    done = run(tmp_path, build=["sh script.sh", "./script.sh"])
    assert done.code == 126
    assert done.output.startswith("hello\n")
