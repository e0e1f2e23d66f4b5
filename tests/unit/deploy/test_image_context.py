"""What images are built from."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from uitest import distribution
from uitest.deploy import image_context
from uitest.errors import UsageError


def test_the_wheel_is_this_package(tmp_path: Path) -> None:
    """pip installs it, its command runs, and templates and pages are in it; made twice it is the same."""
    context = image_context.base_files()
    [name] = [name for name in context if name.endswith(".whl")]
    file, site = tmp_path / name, tmp_path / "site"
    file.write_bytes(context[name])
    assert image_context.wheel() == context[name]
    words = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site), str(file)]
    subprocess.run(words, check=True, timeout=120)
    script = (
        "import uitest.cli, uitest.deploy.templates as t, lambda_runner.handler, uitest.status_site as s, pathlib;"
        "print(len(t.package('b', 'e').uploads), (pathlib.Path(s.__path__[0]) / 'page.html').exists(), uitest.__file__)"
    )
    environ = {"PYTHONPATH": str(site), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    uploads, pages, origin = done.stdout.split()
    assert (int(uploads) > 10, pages) == (True, "True")
    assert origin.startswith(str(site))
    [info] = site.glob(f"*{distribution.VERSION}.dist-info")
    assert "uitest = uitest.cli:main" in (info / "entry_points.txt").read_text()


def test_what_is_the_users(tmp_path: Path) -> None:
    """Cases without caches and hidden files, and requirements.txt where there is one."""
    cases = tmp_path / "ui"
    for name in ("test_a.py", "shop/test_b.py", "__pycache__/x.pyc", ".env", ".venv/lib/x.py"):
        (cases / name).parent.mkdir(parents=True, exist_ok=True)
        (cases / name).write_text(name)
    requirements = tmp_path / "requirements.txt"
    names = {"project/cases/test_a.py", "project/cases/shop/test_b.py"}
    assert set(image_context.project_files(cases, requirements)) == names
    requirements.write_text("faker")
    assert image_context.project_files(cases, requirements)["project/requirements.txt"] == b"faker"
    with pytest.raises(UsageError, match="there is no folder"):
        image_context.project_files(tmp_path / "other")


def test_archives(tmp_path: Path) -> None:
    """Differ by name only where contents do."""
    one, other = {"a": b"1", "b": b"2"}, {"b": b"2", "a": b"1"}
    assert image_context.digest(one) == image_context.digest(other) != image_context.digest({"a": b"1", "b": b"3"})
    assert image_context.archive(one) == image_context.archive(other)
    (tmp_path / "x.zip").write_bytes(image_context.archive(one))
    assert zipfile.ZipFile(tmp_path / "x.zip").read("b") == b"2"
