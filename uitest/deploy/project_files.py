"""Chooses the files of a user's repository that the image with cases holds.

An image holds the files that git tracks or would add, so that cases run there with the pytest configuration, conftest
files, ``uitest.toml`` and packages that they have on the developer's machine. Without git it holds every file but those
that tools make. Files that usually contain secrets are never in it. Trade-off: a large repository makes a large upload,
hence the limit, and ``image-folders`` for repositories that hold more than their tests.
"""

import os
import posixpath
import re
import subprocess
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from uitest import config_file
from uitest.errors import UsageError

LIMIT = 100 * 1024 * 1024
"""Maximum size in bytes of the files: they are uploaded, and in Lambda each session gets a copy of them."""

REQUIREMENTS = "requirements.txt"

MADE_BY_TOOLS = frozenset({
    ".git", ".hg", ".svn", ".venv", "node_modules", "__pycache__",
    ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache", ".tox",
})  # fmt: skip
"""Names of folders that are left out unless git tracks them; so are virtual environments of any name."""
BUILT = frozenset({"build", "dist"})
"""Names of folders in the root that are left out as well where git does not say what belongs to the repository."""
NEVER = frozenset({".uitest", ".aws", ".ssh"})
"""Names of folders that are always left out: results of earlier runs, and secrets."""
SECRETS = (".env", ".env.*", ".envrc", ".netrc", ".pypirc", ".git-credentials", "id_rsa", "id_ecdsa", "id_ed25519")
NO_SECRETS = (".env.example", ".env.sample", ".env.template")
"""Patterns of names of files that are left out because they usually contain secrets, and exceptions."""

REFERENCE = re.compile(r"\s*(?:-[rc]\s*|--(?:requirement|constraint)[\s=]+)([^\s#]+)")
"""A line of a requirements file that names another one."""
LOCAL = re.compile(r"\s*(?:-e|--editable|-f|--find-links|\.)|.*(?:file:|\.whl)")
"""A line of a requirements file that needs other files of the repository."""


@dataclass(frozen=True)
class Project:
    """The part of an image that is the user's."""

    files: Mapping[str, bytes]
    """Contents by path in the repository."""
    cases: str
    """The folder with the cases, as seen from the root of the repository."""
    left_out: tuple[str, ...] = ()
    """Paths that the repository has and the image has not: secrets, links that lead elsewhere, other repositories."""

    def requirements(self) -> Mapping[str, bytes]:
        """The files that pip reads for requirements.txt; all files if a line names a part of the repository."""
        files: dict[str, bytes] = {}
        names = [REQUIREMENTS]
        while names:
            name = names.pop()
            if name in files or name not in self.files:
                continue
            files[name] = self.files[name]
            for line in files[name].decode(errors="replace").splitlines():
                if LOCAL.match(line):
                    return self.files
                if reference := REFERENCE.match(line):
                    names.append(posixpath.normpath(posixpath.join(posixpath.dirname(name), reference[1])))
        return files

    def summary(self) -> list[str]:
        """What the image holds of the repository, for people."""
        sizes: Counter[str] = Counter()
        for name, content in self.files.items():
            sizes[name.partition("/")[0]] += len(content)
        largest = ", ".join(f"{name} {readable(size)}" for name, size in sizes.most_common(5))
        more = f", and {len(sizes) - 5} more" if len(sizes) > 5 else ""
        lines = [f"{len(self.files)} files of this repository, {readable(sizes.total())}: {largest}{more}"]
        if self.left_out:
            shown = ", ".join(self.left_out[:5]) + (", ..." if len(self.left_out) > 5 else "")
            lines.append(f"left out, as they may contain secrets or lead out of this repository: {shown}")
        return lines


def read(root: Path, cases: str, folders: Collection[str] = ()) -> Project:
    """The files of the repository in ``root`` that the image holds.

    ``cases`` is the folder with the cases. With ``folders``, the image holds these, the cases and the files directly in
    ``root``, else every folder. Raises UsageError if there are no cases, if a folder does not exist, if the
    configuration file is above ``root``, and if the files are too large.
    """
    cases = _inside(root, cases)
    _check(root, cases, folders)
    names = {
        name for name in _with_linked(root, _listed(root)) if _is_wanted(name, [*folders, cases] if folders else [])
    }
    kept = {name for name in names if not _is_secret(name) and _is_usable(root, name)}
    if not any(_is_below(name, cases) for name in kept):
        raise UsageError(f"git ignores all files of the folder {cases!r} with cases, so the image would have none")
    _check_size({name: (root / name).stat().st_size for name in kept})
    left_out = sorted(
        name for name in names - kept if os.path.lexists(root / name)
    )  # else git knows more than there is
    return Project({name: (root / name).read_bytes() for name in sorted(kept)}, cases, tuple(left_out))


def readable(size: int) -> str:
    """A number of bytes for people."""
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.0f} MB"


def _inside(root: Path, folder: str) -> str:
    """The folder as seen from ``root``. Raises UsageError for one that is elsewhere."""
    name = Path(os.path.relpath(root / folder, root)).as_posix()
    if name == ".." or name.startswith("../"):
        raise UsageError(
            f"the folder {folder!r} is not inside the working directory, which is what the image holds; go to the root "
            "of the repository"
        )
    return name


def _check(root: Path, cases: str, folders: Collection[str]) -> None:
    if not (root / cases).is_dir():
        raise UsageError(
            f"there is no folder {cases!r} with cases here; go to the repository, or name it with --cases DIR"
        )
    for folder in folders:
        if not (root / _inside(root, folder)).is_dir():
            raise UsageError(f"--image-folders: there is no folder {folder!r} here; name those that cases need")
    file = config_file.read(root)
    if file is not None and file.path.parent != root:
        raise UsageError(f"the image holds the working directory, but {file.shown} is above it; go to its folder")


def _check_size(sizes: Mapping[str, int]) -> None:
    """Raises UsageError for more than the limit, with the largest folders."""
    total = sum(sizes.values())
    if total <= LIMIT:
        return
    places: Counter[str] = Counter()
    for name, size in sizes.items():
        places["/".join(name.split("/")[:2])] += size
    largest = ", ".join(f"{name} {readable(size)}" for name, size in places.most_common(3))
    raise UsageError(
        f"the image would hold {readable(total)} of this repository, at most {readable(LIMIT)} are allowed; largest "
        f"are {largest}; leave them out with .gitignore, or name the folders that cases need with image-folders in "
        f"{config_file.FILE}"
    )


def _listed(root: Path) -> set[str]:
    """The paths of the repository's files, links included."""
    tracked = _git(root, "--cached", "--recurse-submodules")
    others = _git(root, "--others", "--exclude-standard") if tracked is not None else None
    if tracked is None or others is None or not tracked | others:  # no git, or one that ignores the folder
        return _without_environments(_walk(root))
    return tracked | _without_environments(others)


def _git(root: Path, *options: str) -> set[str] | None:
    """What ``git ls-files`` lists; None if there is no git or no repository. Raises UsageError if git fails."""
    try:
        done = subprocess.run(
            ["git", "ls-files", "-z", *options],
            cwd=root, env={**os.environ, "LC_ALL": "C"}, stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        return None
    if done.returncode == 0:
        return {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}
    message = done.stderr.decode(errors="replace").strip()
    if "not a git repository" in message:
        return None
    raise UsageError(f"git cannot list the files of this repository: {message.partition(chr(10))[0]}")


def _walk(root: Path) -> set[str]:
    """The paths of all files below ``root`` but those in folders that tools make."""
    names: set[str] = set()
    for place, folders, files in os.walk(root):
        here = Path(place)
        skipped = MADE_BY_TOOLS | NEVER | (BUILT if here == root else set())
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = [name for name in folders if name not in skipped and name not in links]
        names |= {(here / name).relative_to(root).as_posix() for name in [*files, *links]}
    return names


def _without_environments(names: set[str]) -> set[str]:
    """The paths without those in folders that tools make, such as virtual environments."""
    environments = tuple(name.removesuffix("pyvenv.cfg") for name in names if name.endswith("/pyvenv.cfg"))
    return {
        name for name in names if not name.startswith(environments) and not MADE_BY_TOOLS.intersection(name.split("/"))
    }


def _with_linked(root: Path, names: set[str]) -> set[str]:
    """The paths, and in the place of a link to a folder those of the files in that folder."""
    top, files = root.resolve(), set(names)
    for link in [name for name in names if (root / name).is_symlink() and (root / name).is_dir()]:
        target = (root / link).resolve()
        if target.is_relative_to(top):
            folder = target.relative_to(top).as_posix()
            files |= {link + name.removeprefix(folder) for name in names if _is_below(name, folder)}
            files.discard(link)
    return files


def _is_wanted(name: str, folders: Iterable[str]) -> bool:
    places = [Path(folder).as_posix() for folder in folders]
    is_chosen = not places or "/" not in name or any(_is_below(name, place) for place in places)
    return is_chosen and not NEVER.intersection(name.split("/"))


def _is_below(name: str, folder: str) -> bool:
    return folder == "." or name.startswith(f"{folder}/")


def _is_secret(name: str) -> bool:
    file = posixpath.basename(name)
    return file not in NO_SECRETS and any(fnmatch(file, pattern) for pattern in SECRETS)


def _is_usable(root: Path, name: str) -> bool:
    """Whether it is a file inside of the repository, whose name an archive can hold."""
    path = root / name
    return path.is_file() and path.resolve().is_relative_to(root.resolve()) and name.isprintable()
