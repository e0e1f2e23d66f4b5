"""Copies of installed packages in which private names are others, as in a version that uitest does not know."""

import re
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path


def rename(package: str, names: Mapping[str, str], folder: Path) -> None:
    """Put a copy of a package into ``folder`` that uses other names throughout, so that it works as before.

    The copy takes the package's place where the folder comes first on PYTHONPATH. Keys of ``names`` are regular
    expressions, each of which must be found.
    """
    spec = find_spec(package)
    assert spec is not None
    (source,) = spec.submodule_search_locations or ()
    shutil.copytree(source, folder / package, copy_function=_link, ignore=shutil.ignore_patterns("__pycache__"))
    missing = set(names)
    for path in (folder / package).rglob("*.py"):
        before = after = path.read_text()
        for name, other in names.items():
            after, count = re.subn(name, other, after)
            if count:
                missing.discard(name)
        if after != before:
            path.unlink()
            path.write_text(after)
    assert not missing


def _link(source: str, target: str) -> None:
    Path(target).symlink_to(source)
