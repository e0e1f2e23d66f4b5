"""Runs a command in a control group, to measure and end all of its processes, including detached ones.

A control group (cgroup v2) holds all of them. Where none can be made (other systems, or no right to) it is the
command's own process group and ``RUSAGE_CHILDREN``, which knows only children that somebody waited for; drivers
and browsers that detach themselves are then partly missing, and ``exact`` says so.
"""

import contextlib
import os
import resource
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Self

JOIN = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
"""Enters the group ``$0`` before it becomes the command: no process can slip out."""


def own_folder() -> Path | None:
    """This process's folder in the cgroup v2 tree, None where there is none."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
        entries = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    tree = next((mount[1] for mount in mounts if mount[2] == "cgroup2"), None)
    place = next((entry[3:] for entry in entries if entry.startswith("0::")), None)
    return Path(tree) / place.lstrip("/") if tree and place else None


class Group:
    """Runs one command; leaving the group kills what is left of it::

    with Group() as group:
        code = group.run(argv, env, cwd, log, timeout=60)
        print(group.cpu_s())
    """

    def __init__(self) -> None:
        self.folder: Path | None = None
        self._leader: int | None = None

    def __enter__(self) -> Self:
        parent = own_folder()
        if parent is not None:
            folder = parent / f"bench-{os.getpid()}-{time.monotonic_ns()}"
            with contextlib.suppress(OSError):
                folder.mkdir()
                self.folder = folder if _may_enter(folder) else None
                if self.folder is None:
                    folder.rmdir()
        self._before = _children_s()
        return self

    @property
    def exact(self) -> bool:
        """Whether no process escapes the measurement."""
        return self.folder is not None

    def run(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path, log: IO[bytes], timeout: float) -> int | None:
        """Exit code of the command, None if it took longer than ``timeout`` seconds."""
        wrapped = ["/bin/sh", "-c", JOIN, str(self.folder), *argv] if self.folder else list(argv)
        process = subprocess.Popen(
            wrapped,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self._leader = process.pid
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            process.wait()
            return None

    def cpu_s(self) -> float:
        """Processor seconds, user and system, of all processes so far."""
        if self.folder is None:
            return _children_s() - self._before
        fields = dict(line.split() for line in (self.folder / "cpu.stat").read_text().splitlines())
        return int(fields["usage_usec"]) / 1e6

    def kill(self) -> None:
        """End every process of the group at once."""
        if self.folder is None:
            if self._leader is not None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._leader, signal.SIGKILL)
            return
        for _ in range(100):  # a process may fork while we look
            remaining = pids(self.folder)
            if not remaining:
                return
            for pid in remaining:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)

    def __exit__(self, *exc_info: object) -> None:
        self.kill()
        for _ in range(100):  # the group stays busy for a moment after its last process has gone
            if self.folder is None:
                return
            with contextlib.suppress(OSError):
                self.folder.rmdir()
                self.folder = None
                return
            time.sleep(0.02)


def _may_enter(folder: Path) -> bool:
    """Whether a command can be started in the group: making it and entering it are separate rights."""
    joined = subprocess.run(["/bin/sh", "-c", JOIN, str(folder), "true"], capture_output=True, check=False)
    return joined.returncode == 0


def pids(folder: Path) -> list[int]:
    """Processes of a control group that are alive."""
    return [int(line) for line in (folder / "cgroup.procs").read_text().split()]


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
