"""Which files of a repository an image holds, with git and without."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from uitest.deploy import project_files
from uitest.deploy.project_files import Project
from uitest.errors import UsageError


def make(root: Path, *names: str) -> None:
    """Files with their names as content."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


def git(root: Path, *words: str) -> None:
    """A command of git."""
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)


def commit(root: Path, *names: str) -> None:
    """A repository of these files."""
    git(root, "init", "-q")
    git(root, "add", "-f", *names)
    git(root, "commit", "-q", "-m", "x")


def chosen(root: Path, cases: str = "tests/ui", folders: Iterable[str] = ()) -> set[str]:
    """Names of the files that the image would hold."""
    return set(project_files.read(root, cases, list(folders)).files)


SUITE = (
    "pytest.ini",
    ".coveragerc",
    "conftest.py",
    "uitest.toml",
    "pages/shop.py",
    "tests/ui/test_a.py",
    "tests/data/x",
)


def write_suite(root: Path) -> None:
    """A suite that needs more than the folder of its cases."""
    make(root, *SUITE)
    (root / "uitest.toml").write_text('url = "https://shop.example"')


def test_git_says_what_belongs_to_the_repository(tmp_path: Path) -> None:
    """Tracked files, ignored or not, and new ones that are not ignored; what tools make belongs to nobody."""
    write_suite(tmp_path)
    make(tmp_path, "build/kept.py", "gone.py", "logs/old.log", "logs/kept.log", "new.py", "site-env/pyvenv.cfg")
    make(tmp_path, "node_modules/x.js", "site-env/lib/x.py", "pages/__pycache__/shop.pyc", ".uitest/uitest.db")
    (tmp_path / ".gitignore").write_text("logs\n")
    commit(tmp_path, *SUITE, "build", "gone.py", "logs/kept.log", ".gitignore")
    (tmp_path / "gone.py").unlink()
    assert chosen(tmp_path) == {*SUITE, "build/kept.py", "logs/kept.log", "new.py", ".gitignore"}


def test_folder_below_the_root_of_a_repository_is_one_of_its_own(tmp_path: Path) -> None:
    """Only files below the working directory are in the image, by their names from there."""
    write_suite(tmp_path / "e2e")
    make(tmp_path, "app/main.py")
    commit(tmp_path, ".")
    assert chosen(tmp_path / "e2e") == {*SUITE}


@pytest.mark.parametrize("why", ["no repository", "no git", "git ignores it"])
def test_without_git_everything_but_what_tools_make_is_in_the_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """Builds of a pipeline get a zip file of the repository."""
    root = tmp_path / "shop"
    write_suite(root)
    make(
        root, "dist/x.whl", "pages/build/y.py", ".tox/x.py", "site-env/pyvenv.cfg", "site-env/x.py", ".git-blame-ignore"
    )
    if why == "git ignores it":
        (tmp_path / ".gitignore").write_text("shop\n")
        commit(tmp_path, ".gitignore")
    if why == "no git":
        commit(root, "pytest.ini")
        monkeypatch.setenv("PATH", str(tmp_path))
    assert chosen(root) == {*SUITE, "pages/build/y.py", ".git-blame-ignore"}


@pytest.mark.parametrize("is_repository", [True, False])
def test_secrets_are_never_in_the_image(tmp_path: Path, is_repository: bool) -> None:
    """Not even those that are tracked; what was left out is told."""
    write_suite(tmp_path)
    secrets = {".env", "tests/.env.local", ".netrc", "tests/ui/id_rsa"}
    make(tmp_path, *secrets, ".env.example", ".aws/credentials")
    if is_repository:
        commit(tmp_path, ".")
    project = project_files.read(tmp_path, "tests/ui")
    assert set(project.files) == {*SUITE, ".env.example"}
    assert set(project.left_out) == secrets
    assert all(name in project.summary()[1] for name in secrets)


def test_links_to_files_of_the_repository_become_files(tmp_path: Path) -> None:
    """Those that lead to files of the repository become these files, others are left out and told."""
    root = tmp_path / "shop"
    write_suite(root)
    (root / "tests" / "pages").symlink_to("../pages")
    (root / "tests" / "pytest.ini").symlink_to("../pytest.ini")
    (root / "elsewhere.txt").symlink_to(tmp_path / "private.txt")
    (root / "broken").symlink_to("nowhere")
    make(tmp_path, "private.txt")
    project = project_files.read(root, "tests/ui")
    assert set(project.files) == {*SUITE, "tests/pages/shop.py", "tests/pytest.ini"}
    assert project.files["tests/pages/shop.py"] == b"pages/shop.py"
    assert project.left_out == ("broken", "elsewhere.txt")


def test_folders_can_be_named(tmp_path: Path) -> None:
    """Then the image holds these, the cases, and the files in the root, where configuration is."""
    write_suite(tmp_path)
    make(tmp_path, "media/film.mp4", "pagesets/x.py")
    root = {name for name in SUITE if "/" not in name}
    assert chosen(tmp_path, folders=["pages"]) == {*root, "pages/shop.py", "tests/ui/test_a.py"}
    with pytest.raises(UsageError, match="there is no folder 'other' here"):
        chosen(tmp_path, folders=["other"])


def test_too_large_repository_is_told_with_its_largest_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line that says what to do."""
    write_suite(tmp_path)
    make(tmp_path, "media/films/a.mp4", "media/films/b.mp4")
    for name in ("a", "b"):
        (tmp_path / "media" / "films" / f"{name}.mp4").write_bytes(bytes(3_000_000))
    assert "media 6 MB" in project_files.read(tmp_path, "tests/ui").summary()[0]
    monkeypatch.setattr(project_files, "LIMIT", 2 * 1024 * 1024)
    with pytest.raises(
        UsageError, match=r"hold 6 MB .* at most 2 MB .* largest are media/films 6 MB, .* image-folders"
    ):
        chosen(tmp_path)
    assert "media/films/a.mp4" not in chosen(tmp_path, folders=["pages"])


def test_repository_without_cases_is_refused(tmp_path: Path) -> None:
    """No folder, one that is elsewhere or ignored, and a configuration file that the image would not hold."""
    write_suite(tmp_path)
    for folder, message in {
        "other": "there is no folder 'other'",
        "../x": "is not inside the working directory",
    }.items():
        with pytest.raises(UsageError, match=message):
            chosen(tmp_path, folder)
    with pytest.raises(UsageError, match=r"\.\./uitest\.toml is above it; go to its folder"):
        chosen(tmp_path / "tests", "ui")
    (tmp_path / ".gitignore").write_text("ui\n")
    commit(tmp_path, "pytest.ini")
    with pytest.raises(UsageError, match="git ignores all files of the folder 'tests/ui'"):
        chosen(tmp_path)
    (tmp_path / ".git" / "config").write_text("[broken")
    with pytest.raises(UsageError, match=r"git cannot list the files of this repository: .*bad config line"):
        chosen(tmp_path)


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        ("faker==1\n", set()),
        ("-r requirements/ui.txt\n", {"requirements/ui.txt", "requirements/base.txt", "limits.txt"}),
        ("-e .\n", {"requirements/ui.txt", "requirements/base.txt", "limits.txt", "pages/shop.py"}),
        ("./wheels/x.whl\n", {"requirements/ui.txt", "requirements/base.txt", "limits.txt", "pages/shop.py"}),
    ],
)
def test_files_that_pip_reads(lines: str, read: set[str]) -> None:
    """Those that requirements.txt names, by whatever way; the whole repository if it is installed itself."""
    files = {
        "requirements.txt": lines.encode(),
        "requirements/ui.txt": b"-rbase.txt  # more\nfaker @ https://example.com/faker.zip\n",
        "requirements/base.txt": b"--constraint=../limits.txt\n-r ui.txt\n-r missing.txt\n",
        "limits.txt": b"",
        "pages/shop.py": b"",
    }
    assert set(Project(files, "tests").requirements()) == {"requirements.txt", *read}
    assert Project({"pages/shop.py": b""}, "tests").requirements() == {}
