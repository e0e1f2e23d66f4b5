"""Identifies the host of a process, so that a process id is looked for only where it belongs."""

import hashlib
import socket
from functools import cache
from pathlib import Path

PROC = Path("/proc")


@cache
def host_id(proc: Path = PROC) -> str:
    """The host's name with a hash of its boot and its namespace of process ids.

    Hosts may share a name: virtual machines of one image, containers in the network of their host. A worker of another
    one would be taken for dead, as its process id is not found here. Where the system tells neither, the name counts.
    """
    facts = [_content(proc / "sys/kernel/random/boot_id"), _target(proc / "self/ns/pid")]
    return f"{socket.gethostname()}-{hashlib.sha256(' '.join(facts).encode()).hexdigest()[:6]}"


def _content(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""
