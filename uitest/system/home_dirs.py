"""Where programs write to by themselves, and how they are told to write elsewhere."""

from collections.abc import Mapping
from pathlib import Path

HOMES = {
    "HOME": "home",
    "XDG_CACHE_HOME": "cache",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_RUNTIME_DIR": "runtime",
    "TMPDIR": "tmp",
}
"""Variables that programs take a place to write from; Firefox hangs for two minutes without some of them."""


def make_homes(folder: Path) -> Mapping[str, str]:
    """The environment of programs that shall write into the folder only; makes what it names."""
    for name in HOMES.values():
        (folder / name).mkdir(mode=0o700)
    return {variable: str(folder / name) for variable, name in HOMES.items()}
