"""As a stranger begins: an empty folder, or a suite of one's own, and nothing of this repository but the wheel."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.conftest import ALIASES, LIMIT_S, OURS
from tests.e2e.suites.test_suites import VERDICTS
from tools import release
from uitest.reporting.web_server import SiteServer
from uitest.templates import SAMPLE_URL

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


@dataclass
class Stranger:
    """A folder, and programs of an environment in which only the wheel and what it depends on are installed."""

    folder: Path
    programs: Path

    @property
    def environ(self) -> dict[str, str]:
        """Nothing that whoever runs these tests has set."""
        clean = {n: v for n, v in os.environ.items() if not n.startswith((*OURS, "PYTHON")) and n not in ALIASES}
        return {**clean, "UITEST_OFFLINE": "1", "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}"}

    def run(self, *words: str, code: int = 0) -> str:
        """A command, its exit code checked; what it printed."""
        done = subprocess.run(
            [self.programs / words[0], *words[1:]], cwd=self.folder, env=self.environ, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=LIMIT_S,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def set_url(self, before: str, url: str) -> None:
        """Write the address of the site under test into the settings, as a user would."""
        path = self.folder / "uitest.toml"
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, f'url = "{url}"'))


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel; dependencies come from the environment of these tests."""
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("installed")
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if not name.startswith(("tests/", "bench/", "docs/")) and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    wheel = release.build(source, folder).wheel
    environment = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    (packages / "dependencies.pth").write_text(str(Path(pytest.__file__).parents[1]) + "\n")
    pip = [sys.executable, "-m", "pip", "--python", environment / "bin" / "python"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", wheel], check=True)
    (environment / "bin" / "pytest").write_text(
        f"#!{environment}/bin/python\nimport pytest\nraise SystemExit(pytest.main())\n"
    )
    (environment / "bin" / "pytest").chmod(0o755)
    return environment / "bin"


@pytest.fixture
def stranger(programs: Path, tmp_path: Path) -> Stranger:
    """An empty folder."""
    return Stranger(tmp_path, programs)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Address of the site that the copied suites were written for."""
    with SiteServer(ROOT / "cases" / "site") as server:
        yield server.url


def test_wheel_in_an_empty_folder_runs_green(stranger: Stranger) -> None:
    """``uitest init``, ``pytest``, ``uitest run`` and ``uitest ci`` are green against the package's sample page."""
    assert str(stranger.programs.parent) in stranger.run("python", "-c", "import uitest; print(uitest.__file__)")
    stranger.run("uitest", "init", "--yes")
    server = subprocess.Popen(
        [stranger.programs / "uitest", "serve", "--sample", "--port", "0"], cwd=stranger.folder, env=stranger.environ,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with server:
        try:
            assert server.stdout is not None
            url = next(word for word in server.stdout.readline().split() if word.startswith("http://"))
            stranger.set_url(f'url = "{SAMPLE_URL}"', url)
            assert "2 passed" in stranger.run("pytest")
            output = stranger.run("uitest", "run")
            assert "UITEST: green" in stranger.run("uitest", "ci", "--section", "ci")
        finally:
            server.terminate()
    assert "Discovered 1 module with 2 cases in cases" in output
    assert "2 passed" in output
    status = json.loads(stranger.run("uitest", "status", "--json"))
    assert {job["case"]: job["outcome"] for job in status["jobs"]} == {
        "test_sample::test_greets_by_name": "passed",
        "test_sample::test_asks_for_a_name": "passed",
    }


@pytest.mark.parametrize("suite", ["unittest_style", "pytest_selenium_style"])
def test_suite_of_ones_own(stranger: Stranger, site: str, suite: str) -> None:
    """It is found, stays as it is, and comes to its own verdicts, one of which is a failure."""
    shutil.copytree(ROOT / "tests" / "suites" / suite, stranger.folder, dirs_exist_ok=True)
    before = {path: path.read_bytes() for path in stranger.folder.rglob("*.py")}
    stranger.run("uitest", "init", "--yes")
    assert {path: path.read_bytes() for path in stranger.folder.rglob("*.py")} == before
    stranger.set_url('# url = "https://shop.example"', site)
    stranger.run("pytest", code=1)
    for words, expected in ((["run"], "failed"), (["ci", "--section", "ci"], "UITEST: a case failed")):
        assert expected in stranger.run("uitest", *words, code=1)
        status = json.loads(stranger.run("uitest", "status", "--json"))
        assert {job["case"].partition("::")[2]: job["outcome"] for job in status["jobs"]} == VERDICTS[suite]
    assert max(job["attempts"] for job in status["jobs"]) == 2, "the section of builds has a retry"
    assert {"junit.xml", "run.html", "summary.md"} <= {path.name for path in (stranger.folder / ".uitest").iterdir()}
