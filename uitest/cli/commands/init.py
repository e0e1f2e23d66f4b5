"""``uitest init``: writes what a project needs for its first run, and leaves alone what is there."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from uitest import config_file, distribution
from uitest.cli.checks.preflight import URL_SAFE, check_url
from uitest.cli.checks.project_survey import CI_FILES, Survey, survey
from uitest.cli.settings.options import is_below_project
from uitest.cli.terminal.words import counted
from uitest.config_file import FILE
from uitest.errors import UsageError
from uitest.masking import address_secrets
from uitest.templates import SAMPLE_URL

TEMPLATES = files("uitest.templates")

CI_TEMPLATES = {"github": "github.yml", "gitlab": "gitlab.yml", "jenkins": "Jenkinsfile", "codebuild": "buildspec.yml"}

SITE_TO_COME = "https://shop.example"
"""Stands for the address of the site under test until that is known."""

IGNORED = ".uitest/"
"""The folder of results, for ``.gitignore``."""


@dataclass(frozen=True)
class Choices:
    """What the user has decided, or accepted."""

    cases: str
    url: str
    """Empty if it is not known yet."""
    example: bool
    ci: str
    install_from: str


@click.command()
@click.argument("directory", default=".", metavar="[DIR]")
@click.option("--url", help=f"Where the site under test is.  [default: the sample page, {SAMPLE_URL}]")
@click.option("--cases", metavar="DIR", help="Folder with the case files, below DIR.  [default: as found, else cases]")
@click.option("--example/--no-example", default=None, help="Write a first case.  [default: if there are no tests yet]")
@click.option(
    "--ci",
    type=click.Choice([*CI_FILES, "none"]),
    help="Write a file for this CI service.  [default: the one in use]",
)
@click.option(
    "--install-from",
    metavar="WHERE",
    default=distribution.requirement,
    help="Where the CI file installs uitest from: a git+https address, a wheel, or a name in an index of your own.  "
    "[default: the git address that it was installed from, else a placeholder]",
)
@click.option("--yes", is_flag=True, help="Ask nothing; take the defaults for what is not given.")
def init(directory: str, yes: bool, install_from: str, **given: Any) -> None:
    """Prepare DIR (default: this folder) for a first run: uitest.toml, a first case, .gitignore and a CI file.

    Asks where standard input is a terminal. Nothing that exists is overwritten.
    """
    folder = Path(directory).resolve()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{directory!r} is a file; name a folder")
    project = survey(folder)
    _tell(project)
    choices = (_ask if is_terminal() and not yes else _defaults)(project, install_from=install_from, **given)
    _check(choices)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for line in _write(folder, project, choices):
            click.echo(line)
    except OSError as exc:
        raise UsageError(f"{exc.filename or folder} cannot be written: {exc.strerror}") from exc
    _tell_next(folder, choices)


def is_terminal() -> bool:
    """Whether somebody can answer questions."""
    return sys.stdin.isatty()


def _tell(project: Survey) -> None:
    """Say what is there already."""
    if project.configured:
        click.echo(f"Settings of uitest are in {project.configured}.")
    if project.tests:
        click.echo(f"{counted(project.tests, 'test file')} in {project.cases}: used as they are.")
    if project.kept:
        click.echo(f"Used as they are as well: {', '.join(project.kept)}")


def _defaults(
    project: Survey, *, url: str | None, cases: str | None, example: bool | None, ci: str | None, install_from: str
) -> Choices:
    """The choices with a default for what was not given."""
    return Choices(
        cases=cases or project.cases,
        url=url or project.url or ("" if project.tests else SAMPLE_URL),
        example=not project.tests if example is None else example,
        ci=ci or project.ci,
        install_from=install_from,
    )


def _ask(
    project: Survey, *, url: str | None, cases: str | None, example: bool | None, ci: str | None, install_from: str
) -> Choices:
    """Ask for what was not given, with the default as proposal."""
    usual = _defaults(project, url=url, cases=cases, example=example, ci=ci, install_from=install_from)
    if not project.configured:
        cases = cases or click.prompt("Folder with the cases", default=usual.cases, value_proc=_checked(_check_cases))
        proposal = (
            " (Enter: a sample page)" if usual.url == SAMPLE_URL else " (Enter: not yet)" if not usual.url else ""
        )
        url = url or click.prompt(
            f"Address of the site under test{proposal}",
            default=usual.url,
            show_default=not proposal,
            value_proc=_checked(_check_address),
        )
    if example is None:
        example = click.confirm("Write a first case?", default=usual.example)
    if ci is None:
        ci = click.prompt("CI service", default=usual.ci, type=click.Choice([*CI_FILES, "none"]))
    if ci != "none" and install_from == distribution.PLACEHOLDER:
        install_from = click.prompt(
            "Git address or wheel that the CI file installs uitest from (Enter: not yet)",
            default=install_from,
            show_default=False,
            value_proc=_checked(_check_source),
        )
    return Choices(cases or usual.cases, url or usual.url, example, ci or usual.ci, install_from)


def _checked(check: Callable[[str], str]) -> Callable[[str], str]:
    """A check as click's prompt takes it, which asks again."""

    def convert(text: str) -> str:
        try:
            return check(text)
        except UsageError as exc:
            raise click.BadParameter(str(exc)) from exc

    return convert


def _check(choices: Choices) -> None:
    """Raises UsageError for an address or a folder that cannot be used."""
    _check_address(choices.url)
    _check_cases(choices.cases)
    _check_source(choices.install_from)


def _check_source(install_from: str) -> str:
    if not install_from.isprintable() or set(install_from) & set("\"'\\"):
        raise UsageError(f"--install-from {install_from!r} has a character that a CI file cannot quote")
    return install_from


def _check_address(url: str) -> str:
    checked = check_url(url) if url else ""
    if address_secrets(url):
        raise UsageError("the address has a password, which does not belong into a file; set it as UITEST_URL instead")
    return checked


def _check_cases(cases: str) -> str:
    if not is_below_project(cases):
        raise UsageError(f"the cases folder {cases!r} is not below the project's folder")
    return cases


def _write(folder: Path, project: Survey, choices: Choices) -> Iterator[str]:
    """Write the files that are missing; yields a line about each."""
    if project.configured:
        yield f"left alone  {project.configured}"
    else:
        yield _create(folder, FILE, _settings(choices))
    if choices.example:
        name = "test_sample.py" if choices.url == SAMPLE_URL else "test_home_page.py"
        yield _create(folder, str(Path(choices.cases) / name), _template(f"{name}.txt"))
    yield _ignore(folder)
    if choices.ci != "none":
        has_section = not project.configured or config_file.CI_SECTION in project.sections
        yield _create(folder, CI_FILES[choices.ci], _ci_file(choices, has_section=has_section))


def _settings(choices: Choices) -> str:
    """The configuration file, with texts of TOML, which are written as in JSON."""
    url = f"url = {_quoted(choices.url)}" if choices.url else f"# url = {_quoted(SITE_TO_COME)}"
    return _template("uitest.toml").replace("{{url}}", url).replace("{{cases}}", _quoted(choices.cases))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _ci_file(choices: Choices, *, has_section: bool) -> str:
    """The file for the CI service, where texts stand between quotes of either kind.

    ``has_section``: whether the configuration file has a section for builds.
    """
    url = SITE_TO_COME if choices.url in ("", SAMPLE_URL) else quote(choices.url, safe=URL_SAFE.replace("'", ""))
    text = (TEMPLATES / "ci" / CI_TEMPLATES[choices.ci]).read_text("utf-8")
    if not has_section:
        text = re.sub(rf"^.*{config_file.SECTION}.*\n", "", text, flags=re.MULTILINE)
    return text.replace("{{install}}", choices.install_from).replace("{{url}}", url)


def _template(name: str) -> str:
    return (TEMPLATES / "project" / name).read_text("utf-8")


def _create(folder: Path, name: str, text: str) -> str:
    """Write a file unless there is one; a line that says which."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return f"left alone  {name}"
    return f"wrote       {name}"


def _ignore(folder: Path) -> str:
    """Add the folder of results to ``.gitignore`` unless it is there."""
    path = folder / ".gitignore"
    text = path.read_text("utf-8", errors="surrogateescape") if path.exists() else ""
    if {line.strip().strip("/") for line in text.splitlines()} & {IGNORED.strip("/")}:
        return "left alone  .gitignore"
    with path.open("a", encoding="utf-8") as file:
        file.write(("\n" if text and not text.endswith("\n") else "") + f"{IGNORED}\n")
    return f"{'added to    ' if text else 'wrote       '}.gitignore"


def _tell_next(folder: Path, choices: Choices) -> None:
    """Say how to go on."""
    click.echo("\nNext:")
    if folder != Path.cwd():
        click.echo(f"  cd {folder}")
    if not choices.url:
        click.echo(f"  write the address of the site under test into {FILE}, as url")
    if choices.ci != "none":
        click.echo(f"  see in {CI_FILES[choices.ci]} where it installs uitest from, and which site it tests")
        if choices.install_from == distribution.PLACEHOLDER:
            click.echo(
                f"    ({distribution.PLACEHOLDER!r} there is a placeholder: put a git+https address or a wheel in its\n"
                "    place, or name it with --install-from)"
            )
        elif choices.install_from == distribution.NAME:
            click.echo(
                f"    ({distribution.NAME} is not on PyPI: whoever registers it there could run code in the build)"
            )
    if choices.url == SAMPLE_URL:
        click.echo("  uitest serve --sample   serve the sample page, in another terminal")
    click.echo(
        "  pytest                  run the cases while you write them\n"
        "  uitest run              run all of them, in parallel and with a record\n"
        "  uitest serve            look at the results"
    )
