"""``uitest image``: what it is built from, and what is told where that cannot be done."""

from pathlib import Path

import pytest

from uitest.cli import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a case, and no docker."""
    (tmp_path / "cases").mkdir(exist_ok=True)
    (tmp_path / "cases" / "test_a.py").write_text("")
    (tmp_path / "requirements.txt").write_text("faker\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DOCKER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def call(*words: str) -> int:
    """Its exit code."""
    with pytest.raises(SystemExit) as caught:
        main(["image", *words])
    return int(caught.value.code or 0)


def test_context_is_complete_and_names_its_build_commands(repository: Path, capsys: Capture) -> None:
    """A folder that needs nothing else, and the two commands that build it."""
    assert call("--context", "made") == 0
    context = repository / "made"
    names = {path.relative_to(context).as_posix() for path in context.rglob("*") if path.is_file()}
    assert {"Dockerfile", "cases.Dockerfile", "constraints.txt", "entrypoint.sh"} < names
    assert {"project/cases/test_a.py", "project/requirements.txt", "requirements/requirements.txt"} < names
    copied = [
        word
        for name in ("Dockerfile", "cases.Dockerfile")
        for line in (context / name).read_text().splitlines()
        if line.startswith("COPY") and "--from" not in line
        for word in line.split()[1:-1]
        if not word.startswith("--")
    ]
    assert copied
    for word in copied:
        assert list(context.glob(word)), word
    assert capsys.readouterr().out == (
        "docker build -t uitest-base made\ndocker build -t uitest -f made/cases.Dockerfile made\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "there is no docker here; install it, or let uitest deploy build the image in CodeBuild"),
        (("--cases", "other"), "there is no folder 'other' with cases here"),
        (("--context", "cases"), "--context 'cases' exists and is not an empty folder; name another"),
    ],
)
def test_mistake_is_one_line_and_builds_nothing(words: tuple[str, ...], message: str, capsys: Capture) -> None:
    """One line, and nothing is built."""
    assert call(*words) == 2
    assert message in capsys.readouterr().err


def test_image_is_built_for_lambda_in_two_steps(repository: Path) -> None:
    """The base, then the cases; for x86-64, and without what Lambda would refuse."""
    (repository / "docker").write_text(
        f'#!/bin/sh\necho "$BUILDX_NO_DEFAULT_ATTESTATIONS $DOCKER_BUILDKIT $*" >> {repository}/asked\n'
    )
    (repository / "docker").chmod(0o755)
    assert call("--tag", "shop") == 0
    base, cases = (repository / "asked").read_text().splitlines()
    assert base.startswith("1 1 build --platform linux/amd64 -t uitest-base ")
    assert cases.startswith("1 1 build --platform linux/amd64 -t shop -f ")
    assert cases.split()[-1] == base.split()[-1]


def test_failed_build_is_not_reported_as_built(repository: Path, capsys: Capture) -> None:
    """Is not called built."""
    (repository / "docker").write_text("#!/bin/sh\nexit 1\n")
    (repository / "docker").chmod(0o755)
    assert call() == 3
    assert "uitest: the build failed" in capsys.readouterr().err
