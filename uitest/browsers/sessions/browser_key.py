"""What makes one browser a stand-in for another one, and whether its programs are still the installed ones.

The key covers engine, options, programs with their builds, user, namespaces and variables that browsers read.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import selenium

from uitest import distribution
from uitest.browsers.process import discovery
from uitest.browsers.process.handover import RunningBrowser

READ_BY_BROWSERS = re.compile(
    r"(?i:.*_proxy)|TZ|LANG|LANGUAGE|LC_.*|HOME|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|SSLKEYLOGFILE|LD_.*|"
    r"(XDG|DBUS|FONTCONFIG|GTK|GDK|GIO|GSETTINGS|GST|G|MESA|LIBGL|EGL|VK|QT|NO_AT|MOZ|CHROME|CHROMIUM|GOOGLE|WEBKIT|"
    r"JSC|PULSE|ALSA|SSL)_.*"
)
"""Variables that change what a browser does; others may differ."""


def browser_key(key: str, name: str, selenium_options: Any, environ: Mapping[str, str]) -> str:
    """The text that is the same for two browsers if one can stand in for the other.

    ``key`` is that of the pool. It is a digest, because capabilities and variables may have passwords. Raises
    BrowserError and OSError if a program is missing.
    """
    programs = [discovery.driver(name), *([discovery.xvfb()] if name == "webkit" else [])]
    if getattr(selenium_options, "binary_location", ""):
        programs.append(selenium_options.binary_location)
    parts = [
        key,
        distribution.VERSION,
        selenium.__version__,
        os.geteuid(),
        [str(Path(f"/proc/self/ns/{namespace}").readlink()) for namespace in ("net", "pid", "mnt")],
        [_build(Path(program)) for program in programs],
        sorted((name, value) for name, value in environ.items() if READ_BY_BROWSERS.fullmatch(name)),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _build(program: Path) -> list[Any]:
    """What changes when a program is replaced."""
    path = program.resolve(strict=True)
    file_stat = path.stat()
    return [str(path), file_stat.st_ino, file_stat.st_size, file_stat.st_mtime_ns]


def is_of_installed_build(running: RunningBrowser) -> bool:
    """Whether no program that it runs has been replaced since it was started; a program may be behind a script."""
    capabilities = running.state.get("capabilities", {})
    pids = [process.group for process in running.processes]
    pids += [capabilities[name] for name in ("goog:processID", "moz:processID") if name in capabilities]
    try:
        return not any(Path(f"/proc/{pid}/exe").readlink().name.endswith(" (deleted)") for pid in pids)
    except OSError:
        return False  # it has died
