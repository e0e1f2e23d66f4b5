"""``uitest ci``: everything that a build does in one command, with the same last line in every CI service.

It is one command because some services, such as CodeBuild, run each command of a build in a process of its own: a site
that one command serves is gone before the next one begins.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

import click
from click.core import ParameterSource

from uitest import cli
from uitest.cli.commands.pages import export
from uitest.cli.commands.run import new_run_id
from uitest.cli.runs.quarantine_rows import file_rows
from uitest.cli.settings.options import option, split_names
from uitest.cli.terminal.lines import say, tell
from uitest.config import base_branch
from uitest.errors import UitestError
from uitest.jobs.outcome import EXIT_BROKEN, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_PASSED, EXIT_USAGE
from uitest.model import Outcome
from uitest.plugin.collection.case_discovery import collect_cases
from uitest.quarantine import Quarantine, day_of
from uitest.reporting.formats.codebuild_report import LIMIT, left_out
from uitest.reporting.web_server import SiteServer
from uitest.storage.stores import open_store

PAGE, SUMMARY = Path(".uitest/run.html"), Path(".uitest/summary.md")
"""The run in one file, and the comment on it: artifacts of a build."""
REPORT = Path(".uitest/codebuild.xml")
"""The JUnit file for CodeBuild's report, which takes a limited number of cases."""

CASE_FILE = re.compile(r"(?:.*/)?(?:test_[^/]*|[^/]*_test)\.py")

VERDICTS = {
    EXIT_PASSED: "UITEST: green",
    EXIT_FAILED: "UITEST: a case failed, the site is not as its cases want it; the report names them",
    EXIT_USAGE: "UITEST: set up wrong, nothing was tested; the line above says what to change",
}


def verdict(code: int, quarantined: int = 0) -> str:
    """The last line of a build: whose fault a red one is; a green one names the number of quarantined jobs."""
    if code == EXIT_PASSED and quarantined:
        return f"{VERDICTS[code]}, {quarantined} quarantined"
    broken = f"UITEST: the run broke (exit code {code}), so it says nothing about the site; start the build again"
    return VERDICTS.get(code, broken)


@dataclass(frozen=True)
class Options:
    """What the steps need of the options that are meant for ``uitest run``."""

    run_id: str
    url: str | None
    cases: str
    browsers: tuple[str, ...]
    store: str
    executor: str
    shared: tuple[str, ...]
    """Options of browsers that ``run``, ``doctor`` and pytest have in common, as arguments."""
    insecure: bool
    is_dry_run: bool
    against: str | None
    """The branch that the change is for; None if that is not known."""

    @classmethod
    def from_params(cls, params: dict[str, Any]) -> Self:
        """Those of ``uitest run``, parsed."""
        shared = [(name, params[name]) for name in ("grid", "headless") if params[name]]
        return cls(
            params["run_id"],
            params["url"],
            params["cases"],
            split_names(params["browser"]),
            params["store"],
            params["executor"],
            tuple(word for name, value in shared for word in (f"--{name}", value)),
            params["insecure"],
            params["dry_run"],
            params["against"] or base_branch(os.environ),
        )

    @property
    def modules_file(self) -> Path | None:
        """The file that fills the module table, if the table is this build's own and there is one."""
        path = Path(self.cases) / "modules.json"
        return path if self.store.startswith("sqlite:") and path.is_file() else None


class BuildCommand(click.Command):
    """A command that says whose fault a red build is also where its own options are wrong."""

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Parse the arguments; ends the command after a mistake."""
        try:
            return super().make_context(*args, **more)
        except (click.ClickException, UitestError) as exc:
            code = cli.explain(exc)
        say(verdict(code), err=True)
        raise click.exceptions.Exit(code)


@click.command(cls=BuildCommand, context_settings={"ignore_unknown_options": True})
@option("--serve", metavar="FOLDER", help="Serve this folder during the build as the site under test.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[OPTION OF uitest run]... [MODULE]...")
@click.pass_context
def ci(context: click.Context, serve: str | None, arguments: tuple[str, ...]) -> int:
    """Do what a build has to do, and say last whose fault a red build is.

    Fills the module table from modules.json beside the cases, if the store is a file; checks the browsers; runs the
    case files that differ from the branch --against, then the modules; writes .uitest/run.html and .uitest/summary.md.
    All other options and arguments are those of uitest run, and so are exit codes.
    """
    quarantined = 0
    try:
        with ExitStack() as cleanup:
            url: tuple[str, ...] = ()
            if serve and not (_is_from_file(context, "serve") and _has_url(context, arguments)):
                site = cleanup.enter_context(SiteServer(Path(serve)))
                say(f"UITEST: serving {serve} at {site.url}")
                url = ("--url", site.url)
            run_id = os.environ.get("UITEST_RUN_ID") or os.environ.get("CODEBUILD_BUILD_ID") or new_run_id(time.time())
            code, quarantined = _build(context, (*url, "--run-id", run_id, *arguments))
    except UitestError as exc:
        code = cli.explain(exc)
    except KeyboardInterrupt:
        tell("uitest: interrupted")
        code = EXIT_INTERRUPTED
    say(verdict(code, quarantined), err=code != EXIT_PASSED)
    return code


def _is_from_file(context: click.Context, parameter: str) -> bool:
    return context.get_parameter_source(parameter) is ParameterSource.DEFAULT_MAP


def _has_url(context: click.Context, arguments: tuple[str, ...]) -> bool:
    """Whether command line or environment say where the site under test is: they win over the configuration file."""
    of_run = _context_of_run(context, arguments)
    return of_run is not None and of_run.params["url"] is not None and not _is_from_file(of_run, "url")


def _build(context: click.Context, arguments: tuple[str, ...]) -> tuple[int, int]:
    """All steps up to the first that fails; a run that has begun is reported in any case.

    Returns the exit code and the number of quarantined jobs.
    """
    of_run = _context_of_run(context, arguments)
    if of_run is None:
        return cli.exit_code_of(["run", *arguments]), 0  # says what is wrong with them
    options = Options.from_params(of_run.params)
    code = _prepare(options)
    if code != EXIT_PASSED:
        return code, 0
    is_early = options.against and not options.is_dry_run
    early = _run_changed(options, options.against or "", list(file_rows(of_run).values())) if is_early else EXIT_PASSED
    code = cli.exit_code_of(["run", *arguments]) or early
    if code == EXIT_USAGE or options.is_dry_run:
        return code, 0
    return code, _report(options)


def _context_of_run(context: click.Context, arguments: tuple[str, ...]) -> click.Context | None:
    """The options of ``uitest run``, from wherever their values come; None if one of them is wrong."""
    root = context.find_root()
    command = cast(click.Command, cli.command.get_command(root, "run"))
    try:
        return command.make_context("run", list(arguments), parent=root)
    except click.ClickException:
        return None


def _prepare(options: Options) -> int:
    """Fill the module table, and show whether the browsers work, if they are this machine's."""
    if options.modules_file is not None:
        code = cli.exit_code_of(["modules", "sync", "--cases", options.cases, "--store", options.store])
        if code != EXIT_PASSED:
            return code
    if options.executor != "local" or options.is_dry_run:
        return EXIT_PASSED
    return cli.exit_code_of(["doctor", "--browser", ",".join(options.browsers), *options.shared])


def _run_changed(options: Options, against: str, quarantine: Sequence[Quarantine]) -> int:
    """Run the case files that differ from the branch with pytest, so that their author hears of them first.

    Cases that the quarantine names are left to the run, which knows what is excused; ``quarantine``: rows of the file.
    """
    files, problem = changed_case_files(against, options.cases)
    if problem is not None:
        say(f"UITEST: no case file comes first: {problem}")
        return EXIT_PASSED
    if not files:
        say(f"UITEST: no case file has changed against {against}")
        return EXIT_PASSED
    if options.executor != "local" or options.url is None:
        return EXIT_PASSED
    tests = _without_quarantined(options, files, quarantine)
    if not tests:
        say("UITEST: no case file comes first: the cases of those that have changed are quarantined")
        return EXIT_PASSED
    say(f"UITEST: changed case files first: {' '.join(tests)}")
    shared = [word.replace("--", "--uitest-", 1) if word.startswith("--") else word for word in options.shared]
    if options.insecure:
        shared.append("--uitest-insecure")
    argv = [
        sys.executable, "-P", "-m", "pytest", "-n", "auto", "--base-url", options.url,
        "--uitest-browser", ",".join(options.browsers), *shared, *tests,
    ]  # fmt: skip
    code = subprocess.run(argv, check=False).returncode
    no_tests = 5  # pytest's exit code where a file has none
    return {0: EXIT_PASSED, 1: EXIT_FAILED, no_tests: EXIT_PASSED}.get(code, EXIT_BROKEN)


def _without_quarantined(options: Options, files: Sequence[str], quarantine: Sequence[Quarantine]) -> list[str]:
    """What to ask pytest for: the files, or the other tests of a file in which the quarantine names a case today."""
    opened = open_store(options.store)
    try:
        rows = [row for row in (*quarantine, *opened.quarantine()) if row.case and not row.is_over(day_of(time.time()))]
    finally:
        opened.close()
    tests = collect_cases(options.cases).tests if rows else {}
    named = {test for case, test in tests.items() if any(row.names(case) for row in rows)}
    wanted: list[str] = []
    for file in files:
        own = [test for test in dict.fromkeys(tests.values()) if test.startswith(f"{file}::")]
        wanted += [file] if named.isdisjoint(own) else [test for test in own if test not in named]
    return wanted


def changed_case_files(against: str, cases: str) -> tuple[list[str], str | None]:
    """Files of cases that differ from where this change left the branch; and why that is not known, if it is not."""
    # The checkout may belong to another user than the build's.
    git = ("git", "-c", "safe.directory=*", "diff", "--name-only", "-z", "--relative", "--diff-filter=d")
    try:
        done = subprocess.run(
            [*git, f"origin/{against}...HEAD", "--", cases], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return [], f"there is no git here to compare with {against}"
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return [], f"git cannot compare with origin/{against} ({lines[0]}); have the build fetch that branch"
    return case_files(done.stdout.split("\0")), None


def case_files(names: Iterable[str]) -> list[str]:
    """Those that pytest takes for files of tests."""
    return [name for name in names if CASE_FILE.fullmatch(name)]


def _report(options: Options) -> int:
    """Write page and summary, show the summary, and add it to GitHub's page of the build.

    In CodeBuild also the JUnit file for its report. Returns the number of quarantined jobs.
    """
    quarantined = 0
    forms = {"single_file": str(PAGE)}
    if os.environ.get("CODEBUILD_BUILD_ID"):
        forms["codebuild"] = str(REPORT)
    try:
        SUMMARY.unlink(missing_ok=True)
        run = export(options.store, options.run_id, forms, str(SUMMARY))
        quarantined = run.counts.get(Outcome.QUARANTINED, 0)
        if "codebuild" in forms and (number := left_out(run.planned)):
            say(f"UITEST: CodeBuild's report takes {LIMIT} cases, red ones first; the JUnit file has {number} more")
    except (UitestError, OSError) as exc:
        say(f"UITEST: page or summary could not be written: {exc}")
    if not SUMMARY.is_file():
        return quarantined
    text = SUMMARY.read_bytes()  # shown as it is, whatever the encoding of the terminal
    say(text, nl=False)
    if file := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(file).open("ab") as page:
                page.write(text)
        except OSError as exc:
            say(f"UITEST: the summary could not be added to GitHub's page: {exc}")
    return quarantined
