"""What images are built from."""

import subprocess
import sys
import zipfile
from pathlib import Path

from uitest import distribution
from uitest.deploy import image_context
from uitest.deploy.project_files import Project


def test_wheel_in_the_context_is_this_package(tmp_path: Path) -> None:
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


def test_project_is_beside_what_pip_reads_for_it() -> None:
    """The Dockerfile says where the cases are; a change of a page object changes the digest, and not what pip reads."""
    files = {"requirements.txt": b"faker", "pages/shop.py": b"one", "tests/test_a.py": b""}
    context = image_context.project_context(Project(files, 'tests/the "ui"'))
    assert b'\nARG CASES="tests/the \\"ui\\""\n' in context["cases.Dockerfile"]
    assert set(context) == {"cases.Dockerfile", "requirements/requirements.txt", *(f"project/{name}" for name in files)}
    changed = image_context.project_context(Project({**files, "pages/shop.py": b"two"}, 'tests/the "ui"'))
    assert image_context.digest(changed) != image_context.digest(context)
    assert {name for name in context if changed[name] != context[name]} == {"project/pages/shop.py"}


def test_archives_differ_only_where_contents_do(tmp_path: Path) -> None:
    """Differ by name only where contents do."""
    first, second = {"a": b"1", "b": b"2"}, {"b": b"2", "a": b"1"}
    assert image_context.digest(first) == image_context.digest(second) != image_context.digest({"a": b"1", "b": b"3"})
    assert image_context.archive(first) == image_context.archive(second)
    (tmp_path / "x.zip").write_bytes(image_context.archive(first))
    assert zipfile.ZipFile(tmp_path / "x.zip").read("b") == b"2"


def test_programs_can_be_executed(tmp_path: Path) -> None:
    """In an archive and in a folder, whatever modes they came with."""
    context = {"seed/run.sh": b"#!/bin/sh\n", "test_a.py": b"import os\n"}
    image_context.write(context, tmp_path)
    (tmp_path / "x.zip").write_bytes(image_context.archive(context))
    written = {name: (tmp_path / name).stat().st_mode & 0o777 for name in context}
    archived = {info.filename: info.external_attr >> 16 for info in zipfile.ZipFile(tmp_path / "x.zip").infolist()}
    assert written == archived == {"seed/run.sh": 0o755, "test_a.py": 0o644}
