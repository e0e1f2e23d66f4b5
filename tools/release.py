"""Builds what would be published of the last commit, in ``dist/``, and checks it: ``make release``.

The wheel is built from the source distribution, as pip does for others, so what is missing there is noticed. Nothing is
uploaded. Exit code 1 if something must be changed before that.
"""

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from uitest import distribution

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"

BUILD = "import sys; from setuptools import build_meta; print(getattr(build_meta, sys.argv[1])(sys.argv[2]))"


@dataclass(frozen=True)
class Built:
    """The two files that would be published."""

    sdist: Path
    wheel: Path


def build(source: Path, out: Path) -> Built:
    """Build both in ``out`` from a copy of the repository, which gets further files.

    Raises CalledProcessError after showing what the build printed.
    """
    sdist = out / _build("build_sdist", source, out)
    with tempfile.TemporaryDirectory() as folder, tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
        unpacked = next(Path(folder).iterdir())
        return Built(sdist, out / _build("build_wheel", unpacked, out))


def _build(hook: str, source: Path, out: Path) -> str:
    argv = [sys.executable, "-c", BUILD, hook, str(out)]
    done = subprocess.run(argv, cwd=source, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n")
        done.check_returncode()
    return done.stdout.splitlines()[-1]


def problems_of_wheel(wheel: Path, tracked: Iterable[str]) -> list[str]:
    """What the wheel lacks of the repository's files, and what it has that belongs elsewhere."""
    names = set(ZipFile(wheel).namelist())
    packaged = {name for name in tracked if name.startswith(("uitest/", "lambda_runner/"))}
    packaged |= {f"uitest/{name}" for name in tracked if name.startswith(("buildspecs/", "status_site/"))}
    missing = sorted(packaged - names)
    information = f"{wheel.name.split('-py3')[0]}.dist-info"
    foreign = sorted(name for name in names if name.partition("/")[0] not in ("uitest", "lambda_runner", information))
    return [*(f"{wheel.name} lacks {name}" for name in missing), *(f"{wheel.name} has {name}" for name in foreign)]


def problems_of_version(version: str, names: Iterable[str], changelog: str) -> list[str]:
    """Where version, names of the files and the changelog do not agree."""
    begin = f"{distribution.NAME.replace('-', '_')}-{version}"
    problems = [f"{name} is not {distribution.NAME} {version}" for name in names if not name.startswith(begin)]
    sections = re.split(r"^## (.+)\n", changelog, flags=re.MULTILINE)[1:]
    entries = dict(zip(sections[::2], sections[1::2], strict=True))
    if version not in entries:
        problems.append(f"CHANGELOG.md has no section {version}")
    if entries.get("Unreleased", "").strip():
        problems.append(
            f"CHANGELOG.md has entries under Unreleased: give them the heading of their version, "
            f"and set it in uitest/distribution.py (now {version})"
        )
    return problems


def problems_of_tags(version: str, here: Iterable[str], all_tags: Iterable[str]) -> list[str]:
    """What is wrong with the tags ``v1.2.3``: at this commit, and at others."""
    expected, versions = f"v{version}", [tag for tag in here if re.match(r"v\d", tag)]
    if versions:
        return [f"the commit has the tag {tag}, the version is {version}" for tag in versions if tag != expected]
    if expected in all_tags:
        return [f"{expected} is another commit: set the next version in uitest/distribution.py"]
    return [f"the commit has no tag: git tag {expected}"]


def problems_of_metadata(built: Built) -> list[str]:
    """What a package index would say of metadata and README, by twine."""
    argv = [sys.executable, "-m", "twine", "check", "--strict", str(built.sdist), str(built.wheel)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return [f"twine check: {done.stdout}{done.stderr}"] if done.returncode else []


def _git(*words: str) -> list[str]:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def main() -> int:
    """Build and check the last commit."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "source.tar")
        _git("archive", "--output", str(archive), "HEAD")
        source = Path(folder, "source")
        with tarfile.open(archive) as packed:
            packed.extractall(source, filter="data")
        try:
            built = build(source, DIST)
        except subprocess.CalledProcessError:
            return 1
        changelog = (source / "CHANGELOG.md").read_text()
    tracked = _git("ls-tree", "-r", "--name-only", "HEAD")
    problems = [
        *problems_of_metadata(built),
        *problems_of_wheel(built.wheel, tracked),
        *problems_of_version(distribution.VERSION, (built.sdist.name, built.wheel.name), changelog),
        *problems_of_tags(distribution.VERSION, _git("tag", "--points-at", "HEAD"), _git("tag")),
    ]
    if changed := _git("status", "--porcelain"):
        print(f"note: {len(changed)} changed files are not committed, and so not in what was built")
    for path in (built.sdist, built.wheel):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1e6:.1f} MB")
    for problem in problems:
        print(f"before publishing: {problem}")
    if not problems:
        print("ready to publish; nothing was uploaded")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
