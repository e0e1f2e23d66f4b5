"""``uitest image``: the container image with a repository and its cases, built on this machine."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from uitest.cli.settings.options import option, split_names
from uitest.deploy import image_context, project_files
from uitest.errors import UsageError
from uitest.jobs.outcome import EXIT_BROKEN

BASE = "uitest-base"
BUILD = ("build", "--platform", "linux/amd64")
"""Lambda's functions of the stack and the packaged geckodriver are for x86-64, also where this machine is not."""
SETTINGS = {"DOCKER_BUILDKIT": "1", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
"""Attestations would make the tag an index, which Lambda refuses; older engines know neither them nor an option."""


@click.command()
@option("--cases", default="cases", show_default=True, metavar="DIR", help="Folder with the cases.")
@option(
    "--image-folders",
    multiple=True,
    metavar="DIR",
    help="Folders that cases need, repeatable or with commas: the image then holds these, the cases and the files in "
    "the root, instead of the whole repository.",
)
@click.option("--tag", default="uitest", show_default=True, metavar="NAME", help="Name of the image.")
@click.option("--context", metavar="DIR", help="Only write what the image is built from into this empty folder.")
def image(cases: str, image_folders: tuple[str, ...], tag: str, context: str | None) -> int:
    """Build the container image with your repository, and with the packages of requirements.txt if there is one.

    It holds the files below the working directory that git does not ignore. Needs docker with BuildKit; uitest deploy
    needs none, it builds the same image in CodeBuild. Exit code 3 if the build fails.
    """
    project = project_files.read(Path.cwd(), cases, split_names(image_folders))
    files = {**image_context.base_files(), **image_context.project_context(project)}
    for line in project.summary():
        click.echo(f"image: {line}", err=True)
    if context:
        folder = Path(context)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"--context {context!r} exists and is not an empty folder; name another")
        image_context.write(files, folder)
        click.echo(f"docker build -t {BASE} {context}")
        click.echo(f"docker build -t {tag} -f {context}/{image_context.CASES_DOCKERFILE} {context}")
        return 0
    docker = os.environ.get("DOCKER") or shutil.which("docker")
    if docker is None:
        raise UsageError("there is no docker here; install it, or let uitest deploy build the image in CodeBuild")
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        image_context.write(files, folder)
        for arguments in (
            ("-t", BASE, temporary),
            ("-t", tag, "-f", str(folder / image_context.CASES_DOCKERFILE), temporary),
        ):
            if subprocess.run([docker, *BUILD, *arguments], env={**os.environ, **SETTINGS}).returncode:
                click.echo("uitest: the build failed; the lines above say why", err=True)
                return EXIT_BROKEN
    click.echo(f"built the image {tag}", err=True)
    return 0
