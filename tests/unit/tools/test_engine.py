"""``tools/engine.sh``, with programs in Docker's place that do what a machine may do."""

import subprocess
from pathlib import Path

import pytest

from tests.support.builds.containers import ROOT

DOCKER = """#!/bin/sh
case $1 in
--version) echo "Docker version 20.10.24" ;;
version) [ -e "{folder}/up" ] ;;
*) exit 1 ;;
esac
"""
DAEMON = """#!/bin/sh
trap 'rm "{folder}/up"; exit 0' TERM
touch "{folder}/up"
while :; do sleep 0.1; done
"""
BROKEN = """#!/bin/sh
echo "level=info msg=starting"
echo "failed to start daemon: no cgroup mount found"
exit 1
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs that are found first: a client, and whoever runs the script is root."""
    _program(tmp_path / "docker", DOCKER)
    _program(tmp_path / "id", "#!/bin/sh\necho 0\n")
    return tmp_path


def _program(path: Path, text: str) -> None:
    path.write_text(text.replace("{folder}", str(path.parent)))
    path.chmod(0o755)


def _run(machine: Path, command: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": f"{machine}:/usr/bin:/bin"}
    arguments = [ROOT / "tools" / "engine.sh", "sh", "-c", command]
    return subprocess.run(arguments, env=environ, capture_output=True, text=True, timeout=60)


def test_running_engine_is_used(machine: Path) -> None:
    """A running engine is used and not stopped."""
    (machine / "up").touch()
    _program(machine / "dockerd", BROKEN)
    result = _run(machine, 'echo "$DOCKER"; exit 7')
    assert (result.stdout, result.stderr, result.returncode) == ("docker\n", "", 7)
    assert (machine / "up").exists()


def test_one_of_our_own(machine: Path) -> None:
    """Started for the command, ended with it."""
    _program(machine / "dockerd", DAEMON)
    result = _run(machine, f'echo "$DOCKER"; ls {machine}/up; exit 7')
    assert (result.stdout, result.returncode) == (f"docker\n{machine}/up\n", 7)
    assert not (machine / "up").exists()


def test_command_runs_without_an_engine(machine: Path) -> None:
    """The command runs without an engine, and gets the reason."""
    _program(machine / "dockerd", BROKEN)
    result = _run(machine, 'echo "${DOCKER-}$NO_ENGINE"; exit 7')
    assert result.stdout == "dockerd does not start: failed to start daemon: no cgroup mount found\n"
    assert result.returncode == 7
    assert "engine: none: dockerd does not start" in result.stderr
