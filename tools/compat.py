"""Runs the contract tests with several Pythons and sets of dependencies, and prints a table: ``make compat``.

Sets: ``lowest`` is every lower bound of setup.cfg, ``newest`` what a user who installs today gets, ``pre`` the same
with prereleases. Each cell is a virtual environment of its own below ``.compat``.

usage: compat.py [--set lowest|newest|pre]... [--python 3.11]...
"""

import argparse
import configparser
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
CELLS = ROOT / ".compat"
SETS = ("lowest", "newest", "pre")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
TESTS = ("tests/unit", "tests/plugin/test_driver.py", "tests/plugin/test_options.py")
"""Tests that depend on other packages: the plugin in real sessions, and modules that use private names."""
SHOWN = ("selenium", "pytest", "pytest-xdist", "boto3", "click", "rich", "websocket-client")


@dataclass(frozen=True)
class Result:
    """One cell of the table."""

    python: str
    name: str
    versions: str
    outcome: str
    seconds: float


def interpreters(wanted: list[str]) -> dict[str, str]:
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


def lower_bounds() -> list[str]:
    """``name==version`` for the lower bound of each dependency in setup.cfg."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    lines = config["options"]["install_requires"].strip().splitlines()
    return [re.sub(r"^([\w.-]+)\s*>=\s*([\w.]+).*$", r"\1==\2", line) for line in lines if not line.startswith("#")]


def install(program: str, folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    """Create the cell's environment anew; returns the result of the last command."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([program, "-m", "venv", str(folder)], check=True)
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(lower_bounds()) + "\n" if name == "lowest" else "")
    argv = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    options = ["--pre"] if name == "pre" else []
    return subprocess.run(
        [*argv, *options, "-c", str(constraints), "-e", f"{ROOT}[test]"], capture_output=True, text=True, check=False
    )


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
    if installed.returncode != 0:
        print(installed.stderr[-2000:])
        return Result(python, name, "", "cannot be installed", time.monotonic() - began)
    installed_versions = versions(folder)
    print(f"{python} {name}: {installed_versions}", flush=True)
    log = folder / "pytest.log"
    argv = [str(folder / "bin" / "python"), "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", *TESTS]
    with log.open("w") as output:
        code = subprocess.run(argv, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    lines = log.read_text().strip().splitlines() or ["no output"]
    if code != 0:
        print("\n".join(line for line in lines if line.startswith(("FAILED", "ERROR")))[-4000:])
    outcome = lines[-1].strip("= ") if code in (0, 1) else f"exit code {code}: {lines[-1]}"
    outcome = outcome if code else f"passed ({outcome})"
    return Result(python, name, installed_versions, outcome, time.monotonic() - began)


def main() -> int:
    """Run the requested cells; returns 1 if one of them did not pass."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", choices=SETS, dest="sets")
    parser.add_argument("--python", action="append", choices=PYTHONS, dest="pythons")
    options = parser.parse_args()
    programs = interpreters(options.pythons or list(PYTHONS))
    if not programs:
        print("none of these Python versions is on this machine; install one or name others with --python")
        return 2
    results = [run_cell(python, program, name) for python, program in programs.items() for name in options.sets or SETS]
    print("\n| Python | set | outcome | seconds | versions |\n|---|---|---|--:|---|")
    for result in results:
        print(f"| {result.python} | {result.name} | {result.outcome} | {result.seconds:.0f} | {result.versions} |")
    return 0 if all(result.outcome.startswith("passed") for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
