"""The source distribution and the wheel: what is in them, and what a package index would say."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[3]

BUILD = "import sys; from setuptools import build_meta as b; out = sys.argv[1]; b.build_sdist(out); b.build_wheel(out)"
NEEDED = ("uitest", "lambda_runner", "status_site", "README.md", "LICENSE", "setup.cfg", "pyproject.toml")

IMPORT_ALL = """
import importlib, pkgutil, sys, uitest, lambda_runner
for package in (uitest, lambda_runner):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.name.endswith(("__main__", "webkit.host")):
            importlib.import_module(found.name)
print(*sorted({name.partition(".")[0] for name, module in sys.modules.items()
    if (getattr(module, "__file__", None) or "").startswith((sys.argv[1], sys.argv[2]))}))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Both, made from a copy: the build leaves files beside its sources."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("dist")
    subprocess.run(["cp", "-r", *(str(ROOT / name) for name in NEEDED), str(copy)], check=True)
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(out)], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return sorted(out.iterdir())


def test_package_index_would_take_them(built: list[Path]) -> None:
    """Metadata and README can be shown."""
    argv = [sys.executable, "-m", "twine", "check", "--strict", *map(str, built)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASSED") == 2


def test_wheel_holds_every_module_and_nothing_else(built: list[Path]) -> None:
    """A package that setup.cfg does not name would be missing."""
    wheel = next(path for path in built if path.suffix == ".whl")
    names = set(ZipFile(wheel).namelist())
    modules = {
        path.relative_to(ROOT).as_posix() for top in ("uitest", "lambda_runner") for path in (ROOT / top).rglob("*.py")
    }
    assert modules - names == set()
    assert {name.partition("/")[0] for name in names} == {
        "uitest",
        "lambda_runner",
        f"{wheel.name.split('-py3')[0]}.dist-info",
    }


def test_wheel_works_without_the_repository(built: list[Path], tmp_path: Path) -> None:
    """Each of its modules can be imported, and none comes from beside it."""
    wheel = next(path for path in built if path.suffix == ".whl")
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    argv = [sys.executable, "-P", "-c", IMPORT_ALL, str(tmp_path), str(ROOT / "t")]
    environ = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(argv, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["lambda_runner", "uitest"]
