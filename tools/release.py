"""Builds what would be published of the last commit, in ``dist/``, and checks it: ``make release``.

The wheel is built from the source distribution, as pip does for others, so what is missing there is noticed. Nothing is
uploaded. Exit code 1 if something must be changed before that.
"""

import configparser
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
    if entries.get("Unreleased", "").strip():
        following = _next_minor(version) if version in entries else version
        problems.append(
            f"CHANGELOG.md has entries under Unreleased: rename that heading to the version they are published with, "
            f"such as {following}, and have uitest/distribution.py say the same (now {version})"
        )
    elif version not in entries:
        problems.append(f"CHANGELOG.md has no section {version}, the version in uitest/distribution.py: write it")
    return problems


def _next_minor(version: str) -> str:
    major, minor, *_ = version.split(".")
    return f"{major}.{int(minor) + 1}.0"


def problems_of_tags(version: str, here: Iterable[str], all_tags: Iterable[str]) -> list[str]:
    """What is wrong with the tags ``v1.2.3``: at this commit, and at others."""
    expected, versions = f"v{version}", [tag for tag in here if re.match(r"v\d", tag)]
    if versions:
        return [f"the commit has the tag {tag}, the version is {version}" for tag in versions if tag != expected]
    if expected in all_tags:
        return [f"{expected} is another commit: set the next version in uitest/distribution.py"]
    return [f"the commit has no tag: git tag {expected}"]


SETTING = """[metadata]
project_urls =
    Source = https://HOST/OWNER/NAME"""
"""What setup.cfg must have for links."""
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)[^)\s]+")
"""The target of a link or picture in Markdown that is relative to the file."""
PICTURES = (".png", ".svg", ".gif", ".jpg")


def source_url(settings: str) -> str | None:
    """The address of the repository in the text of setup.cfg; None if it has none."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(settings)
    lines = parser.get("metadata", "project_urls", fallback="").splitlines()
    urls = {name.strip(): url.strip() for name, _, url in (line.partition("=") for line in lines)}
    return urls.get("Source") or None


def absolute_links(text: str, url: str, version: str) -> str:
    """Markdown whose relative links lead to the files of a version in the repository at ``url``.

    A package index shows the README alone. The paths are those of GitHub, which GitLab and Gitea understand too.
    """

    def absolute(match: re.Match[str]) -> str:
        kind = "raw" if match[0].endswith(PICTURES) else "blob"
        return f"{url.rstrip('/')}/{kind}/v{version}/{match[0]}"

    return LINK.sub(absolute, text)


def problems_of_links(readme: str, url: str | None) -> list[str]:
    """The relative links that a package index cannot follow."""
    number = len(LINK.findall(readme))
    if url is not None or not number:
        return []
    setting = " ".join(line.strip() for line in SETTING.splitlines())
    return [f"README.md has {number} relative links, which lead nowhere on PyPI: add to setup.cfg, under {setting}"]


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
        readme, url = source / "README.md", source_url((source / "setup.cfg").read_text())
        if url is not None:
            readme.write_text(absolute_links(readme.read_text(), url, distribution.VERSION))
        try:
            built = build(source, DIST)
        except subprocess.CalledProcessError:
            return 1
        problems = [
            *problems_of_metadata(built),
            *problems_of_wheel(built.wheel, _git("ls-tree", "-r", "--name-only", "HEAD")),
            *problems_of_links(readme.read_text(), url),
            *problems_of_version(
                distribution.VERSION, (built.sdist.name, built.wheel.name), (source / "CHANGELOG.md").read_text()
            ),
        ]
    # The tag is the last step: another commit, and perhaps another version, comes before it.
    problems += (
        ["last, commit that and tag the commit: git tag v and its version"]
        if problems
        else problems_of_tags(distribution.VERSION, _git("tag", "--points-at", "HEAD"), _git("tag"))
    )
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
