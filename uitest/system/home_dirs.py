"""Redirects the home, cache and temporary folders of programs by environment variables."""

from collections.abc import Mapping
from pathlib import Path

HOME_VARIABLES = {
    "HOME": "home",
    "XDG_CACHE_HOME": "cache",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_RUNTIME_DIR": "runtime",
    "TMPDIR": "tmp",
}
"""Variables that name folders to write to, and the subfolder for each; Firefox hangs for two minutes without some."""


def make_homes(folder: Path) -> Mapping[str, str]:
    """Create the subfolders of ``folder``, and return the variables with which programs write only there."""
    for name in HOME_VARIABLES.values():
        (folder / name).mkdir(mode=0o700)
    return {variable: str(folder / name) for variable, name in HOME_VARIABLES.items()}
