"""``uitest install``: installs browsers, drivers and a font where they are missing, with apt-get."""

import importlib
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Sequence

import click

from uitest.browsers.process import installation
from uitest.browsers.process.installation import Part
from uitest.cli.settings.options import split_names
from uitest.errors import BrowserError
from uitest.jobs.plan import check_browsers
from uitest.model import BROWSERS


@click.command()
@click.argument("browsers", nargs=-1, metavar="[chrome] [firefox] [webkit]")
@click.option("--dry-run", is_flag=True, help="Print the commands, run none.")
def install(browsers: tuple[str, ...], dry_run: bool) -> int:
    """Install what browsers need and is missing here (default: all): programs, drivers and a font.

    On Debian and Ubuntu packages are installed with apt-get, as root or with sudo; a geckodriver is downloaded, or
    installed with pip. On other systems the missing programs are named. Exit code 3 if something is still missing.
    """
    wanted = check_browsers(split_names(browsers)) or BROWSERS
    missing = installation.missing_parts(wanted)
    has_apt = shutil.which("apt-get") is not None
    if missing and has_apt:
        _install_packages(missing, dry_run)
    if "firefox" in wanted:
        _install_geckodriver(dry_run)
    if dry_run and has_apt and (missing or ("firefox" in wanted and installation.geckodriver_is_missing())):
        return 0
    still = installation.without_downloads(installation.missing_parts(wanted))
    if still and has_apt:
        raise BrowserError(
            f"{_names(still)}: still not found; on Ubuntu, Chrome and Firefox are snaps, which do not work in a "
            "container: install them from their makers there, or use the image of docs/image.md"
        )
    if still:
        raise BrowserError(f"there is no apt-get here; install with this system's package manager: {_names(still)}")
    click.echo(f"{', '.join(wanted)}: everything is installed")
    return 0


def _names(parts: Iterable[Part]) -> str:
    return ", ".join(part.name for part in parts)


def _install_packages(missing: Sequence[Part], dry_run: bool) -> None:
    """Raises BrowserError without root, and with the last line of apt-get if it fails."""
    prefix = _root()
    if prefix is None:
        packages = installation.chosen_packages(missing, _offered(missing))
        raise BrowserError(
            f"installing {_names(missing)} needs root, and there is no sudo; run as root: "
            f"{shlex.join(installation.UPDATE)} && {shlex.join(installation.install_command(packages))}"
        )
    _run((*prefix, *installation.UPDATE), dry_run)
    _run((*prefix, *installation.install_command(installation.chosen_packages(missing, _offered(missing)))), dry_run)


def _root() -> tuple[str, ...] | None:
    """What goes before a command that root must run; None if nothing can be done."""
    if os.geteuid() == 0:
        return ()
    return ("sudo",) if shutil.which("sudo") else None


def _offered(parts: Iterable[Part]) -> set[str]:
    names = [name for part in parts for name in part.packages]
    try:
        shown = subprocess.run(
            ["apt-cache", "policy", *names], env={**os.environ, "LC_ALL": "C"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        return set()
    return installation.offered_packages(shown.stdout)


def _install_geckodriver(dry_run: bool) -> None:
    """Download one, or install the package that has one. Raises BrowserError."""
    if dry_run:
        if installation.geckodriver_is_missing():
            click.echo("# geckodriver is downloaded; if that fails:")
            _run(installation.geckodriver_command(), dry_run)
    elif not installation.can_be_had("firefox"):
        _run(installation.geckodriver_command(), dry_run)
        importlib.invalidate_caches()  # so that what was installed is found in this process


def _run(argv: Sequence[str], dry_run: bool) -> None:
    """Print the command, and run it; raises BrowserError with its last line if it fails."""
    click.echo(shlex.join(argv))
    if dry_run:
        return
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        lines = done.stdout.strip().splitlines() or [f"exit code {done.returncode}"]
        raise BrowserError(f"{shlex.join(argv)} failed: {lines[-1]}")
