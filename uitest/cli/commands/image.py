"""``uitest image``: the container image with the cases of a repository, built on this machine."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from uitest.cli.settings.options import option
from uitest.deploy import image_context
from uitest.errors import UsageError
from uitest.jobs.outcome import EXIT_BROKEN

BASE = "uitest-base"
BUILD = ("build", "--platform", "linux/amd64")
"""Lambda's functions of the stack and the packaged geckodriver are for x86-64, also where this machine is not."""
SETTINGS = {"DOCKER_BUILDKIT": "1", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
"""Attestations would make the tag an index, which Lambda refuses; older engines know neither them nor an option."""


@click.command()
@option("--cases", default="cases", show_default=True, metavar="DIR", help="Folder with the cases.")
@click.option("--tag", default="uitest", show_default=True, metavar="NAME", help="Name of the image.")
@click.option("--context", metavar="DIR", help="Only write what the image is built from into this empty folder.")
def image(cases: str, tag: str, context: str | None) -> int:
    """Build the container image with your cases, and with the packages of requirements.txt if there is one.

    Needs docker with BuildKit; uitest deploy needs none, it builds the same image in CodeBuild. Exit code 3 if the
    build fails.
    """
    files = {**image_context.base_files(), **image_context.project_files(Path(cases))}
    if context:
        folder = Path(context)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"--context {context!r} exists and is not an empty folder; name another")
        _write(folder, files)
        click.echo(f"docker build -t {BASE} {context}")
        click.echo(f"docker build -t {tag} -f {context}/cases.Dockerfile {context}/{image_context.PROJECT}")
        return 0
    docker = os.environ.get("DOCKER") or shutil.which("docker")
    if docker is None:
        raise UsageError("there is no docker here; install it, or let uitest deploy build the image in CodeBuild")
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _write(folder, files)
        for arguments in (
            ("-t", BASE, temporary),
            ("-t", tag, "-f", str(folder / "cases.Dockerfile"), str(folder / image_context.PROJECT)),
        ):
            if subprocess.run([docker, *BUILD, *arguments], env={**os.environ, **SETTINGS}).returncode:
                click.echo("uitest: the build failed; the lines above say why", err=True)
                return EXIT_BROKEN
    click.echo(f"built the image {tag}", err=True)
    return 0


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
