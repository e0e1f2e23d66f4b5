"""Scratch folders named after their process, so that another one can remove those of a process that was killed."""

import re
import shutil
import socket
import tempfile
from os import getpid
from pathlib import Path

from uitest.system.process_table import ProcessEntry

NAME = re.compile(r"uitest-[a-z]+~(?P<host>[^~]*)~(?P<pid>\d+)~(?P<started>\d*)~[^~]*")


def scratch(kind: str) -> "tempfile.TemporaryDirectory[str]":
    """A folder that goes with its context manager; those of processes that are gone are removed first."""
    for path in Path(tempfile.gettempdir()).glob("uitest-*~*"):
        if _is_abandoned(path.name):
            shutil.rmtree(path, ignore_errors=True)
    pid = getpid()
    ours = ProcessEntry.at(pid)
    return tempfile.TemporaryDirectory(
        prefix=f"uitest-{kind}~{socket.gethostname()}~{pid}~{ours.started if ours else ''}~"
    )


def _is_abandoned(name: str) -> bool:
    """Whether a folder belongs to a process of this host that is gone; another host's may share the temp folder."""
    found = NAME.fullmatch(name)
    if found is None or found["host"] != socket.gethostname():
        return False
    process = ProcessEntry.at(int(found["pid"]))
    return process is None or process.is_dead or process.started != found["started"]
