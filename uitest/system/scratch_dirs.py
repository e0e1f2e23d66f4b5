"""Temporary folders named after their process, so that those of killed processes can be removed later."""

import re
import shutil
import tempfile
from os import getpid
from pathlib import Path

from uitest.system.host import host_id
from uitest.system.process_table import ProcessEntry

NAME = re.compile(r"uitest-[a-z]+~(?P<host>[^~]*)~(?P<pid>\d+)~(?P<started>\d*)~[^~]*")


def scratch(kind: str) -> "tempfile.TemporaryDirectory[str]":
    """A new temporary folder, to be used as a context manager; first removes folders of processes that have ended."""
    for path in Path(tempfile.gettempdir()).glob("uitest-*~*"):
        if _is_abandoned(path.name):
            shutil.rmtree(path, ignore_errors=True)
    pid = getpid()
    process = ProcessEntry.at(pid)
    return tempfile.TemporaryDirectory(prefix=f"uitest-{kind}~{host_id()}~{pid}~{process.started if process else ''}~")


def _is_abandoned(name: str) -> bool:
    """Whether a folder belongs to an ended process of this host; hosts may share the temp folder."""
    match = NAME.fullmatch(name)
    if match is None or match["host"] != host_id():
        return False
    process = ProcessEntry.at(int(match["pid"]))
    return process is None or process.is_dead or process.started != match["started"]
