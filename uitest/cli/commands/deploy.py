"""``uitest deploy`` and ``uitest destroy``: the stack of the pipeline in an AWS account."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from uitest import config_file
from uitest.cli.settings.options import is_below_project, option
from uitest.cli.terminal.deploy_progress import Progress, following
from uitest.config_file import ConfigFile
from uitest.deploy import (
    artifacts,
    emptying,
    image_context,
    leftovers,
    parameter_rules,
    project_files,
    quotas,
    stack_status,
    templates,
)
from uitest.deploy.account import Account, find_region
from uitest.deploy.changes import Change
from uitest.deploy.image_build import ImageBuild
from uitest.deploy.stack import Stack
from uitest.errors import UsageError

NAME = re.compile(r"[a-z][a-z0-9-]{0,18}[a-z0-9]")
"""What every service takes that names something after the stack; the templates ask for the same."""

region_option = option(
    "--region", metavar="NAME", help="Region.  [default: AWS_REGION, AWS_DEFAULT_REGION or the profile's]"
)


def check_name(name: str) -> str:
    """Raises UsageError for a name that some service would refuse."""
    if not NAME.fullmatch(name):
        raise UsageError(
            f"NAME {name!r} must have 2 to 20 characters: small letters, digits and hyphens, the first a letter "
            "and the last no hyphen"
        )
    return name


def check_folder(cases: str) -> None:
    """Raises UsageError for a folder that the pipeline would not find in a checkout of the repository."""
    if not is_below_project(cases):
        raise UsageError(f"--cases {cases!r} is not inside the repository; name it as seen from there, like tests/ui")


def section(file: ConfigFile | None, previous: str) -> str:
    """The section of the configuration file that builds use: ``ci`` where the file has it.

    Empty for none; without a file that of the last deployment.
    """
    if file is None:
        return previous
    return config_file.CI_SECTION if config_file.CI_SECTION in file.sections else ""


def image_folders(file: ConfigFile | None) -> list[str]:
    """The folders that the image holds according to the configuration file; empty for all."""
    settings = config_file.choose(file, None)
    return list(settings.values.get("image-folders", ())) if settings is not None else []


@contextmanager
def opened(region: str | None) -> Iterator[Account]:
    """The account, with its connections closed at the end."""
    account = Account.open(find_region(region))
    try:
        yield account
    finally:
        account.close()


@click.command()
@click.argument("name")
@click.option(
    "--parameter",
    multiple=True,
    metavar="KEY=VALUE",
    help="A parameter of the stack, repeatable; those not given keep their values.",
)
@option(
    "--cases",
    metavar="DIR",
    help="Folder of the repository that holds the cases.  [default: that of the last deployment, or cases]",
)
@region_option
@click.option("--rebuild", is_flag=True, help="Build the image again, for the newest fixes of its browsers.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
def deploy(
    name: str, parameter: tuple[str, ...], cases: str | None, region: str | None, rebuild: bool, dry_run: bool
) -> int:
    """Deploy the pipeline to AWS as the stack NAME, or update it; NAME begins the names of everything in it.

    Run it in the root of the repository that holds the cases: the first image is built of it, in CodeBuild. Can be
    repeated: what failed or was interrupted is finished. Templates are uploaded to a private bucket,
    NAME-artifacts-ACCOUNT-REGION, which is created if need be. --dry-run leaves nothing behind.
    """
    known = templates.parameters(templates.read_file(templates.MAIN))
    given = templates.parse_parameters(parameter, known)
    check_name(name)
    check_folder(cases or "")
    with opened(region) as account, following(name) as progress:
        progress.say(f"account {account.number}, region {account.region}, stack {name}")
        stack = Stack(account, name, progress.event)
        if not dry_run:
            stack.settle(progress.say)
        bucket = artifacts.bucket_name(name, account)
        previous = stack.parameters()
        merged = templates.merge_parameters(given, previous, known)
        parameter_rules.check({name: known[name].default for name in known} | merged)
        values = _values(stack, account, merged, previous, progress)
        values |= {"Name": name, "ArtifactsBucket": bucket}
        values["CasesFolder"] = cases or previous.get("CasesFolder", "cases")
        file = config_file.read(Path.cwd())
        values["Section"] = section(file, previous.get("Section", ""))
        limits, unknown = quotas.read(account)
        for line in [*unknown, *quotas.compare(limits, values, previous)]:
            progress.warn(line)
        builder, base = ImageBuild(account, name, progress.say), image_context.base_files()
        project = None
        if rebuild or builder.needed(base):
            project = project_files.read(Path.cwd(), values["CasesFolder"], image_folders(file))
            for line in project.summary():
                progress.say(f"image: {line}")
        package = templates.package(bucket, account.client("s3").meta.endpoint_url)
        if dry_run:
            # Most of the stack depends on the image: without its address it would not be in the preview.
            shown = {"ImageUri": builder.placeholder(), **values}
            return _preview(account, stack, bucket, package, shown, progress)
        if artifacts.make_bucket(account, bucket):
            progress.say(f"created the bucket {bucket} for templates")
        artifacts.upload(account, bucket, package.uploads)
        changed = stack.deploy(package.url, values)
        if project is not None:
            builder.build(base, image_context.project_context(project), bucket)
            changed |= stack.deploy(
                package.url, values | {"ImageUri": builder.current(stack.outputs()["RepositoryUri"])}
            )
        progress.say(f"the stack {name} is deployed" if changed else f"the stack {name} is up to date")
        for key, value in stack.outputs().items():
            click.echo(f"{key}\t{value}")
    return 0


def _values(
    stack: Stack, account: Account, values: dict[str, str], previous: dict[str, str], progress: Progress
) -> dict[str, str]:
    """The parameters of this deployment: ``values``, and those that depend on the account."""
    if stack_status.next_step((stack.describe() or {}).get("StackStatus")) is stack_status.Step.CREATE:
        existing = leftovers.find(account, stack.name)
        if leftovers.can_be_used(stack.name, existing):
            progress.say(f"an earlier stack left {', '.join(existing)}: the new one uses them")
            values["ExistingStorage"] = "true"
        return values
    if "ExistingStorage" in previous:
        values["ExistingStorage"] = previous["ExistingStorage"]
    # The pipeline gives newer images to the functions than the one they were created with.
    repository = stack.outputs().get("RepositoryUri")
    current = ImageBuild(account, stack.name, progress.say).current(repository) if repository else None
    return values | ({"ImageUri": current} if current else {})


def _preview(
    account: Account, stack: Stack, bucket: str, package: templates.Package, values: dict[str, str], progress: Progress
) -> int:
    """Show what would change, and leave the account as it is.

    CloudFormation reads nested templates from S3 only. Without a bucket they are not looked into, rather than creating
    one and removing it: S3 may refuse the name of a bucket that has just been removed.
    """
    if artifacts.exists(account, bucket):
        with artifacts.uploaded_for_now(account, bucket, package.uploads):
            return _show(stack.preview(values, url=package.url), progress)
    code = _show(stack.preview(values, body=package.main), progress)
    progress.say(
        f"and the bucket {bucket} for templates would be created; what is inside of the nested stacks can be told "
        "once there is that bucket"
    )
    return code


def _show(changes: list[Change] | None, progress: Progress) -> int:
    if changes is None:
        progress.say("what would change cannot be told while the stack is being changed, or what a failed first "
                     "deployment left has to be removed first: uitest deploy does that")  # fmt: skip
        return 0
    if not changes:
        progress.say("nothing would change")
        return 0
    table = Table("action", "resource", "type", "replacement", box=None)
    for change in changes:
        table.add_row(*(escape(text) for text in (change.action, change.resource, change.type, change.replacement)))
    Console(width=None if sys.stdout.isatty() else 1_000).print(table)
    return 0


@click.command()
@click.argument("name")
@region_option
@click.option("--everything", is_flag=True, help="Remove buckets, tables and images too, with all that is in them.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def destroy(name: str, region: str | None, everything: bool, yes: bool) -> int:
    """Remove the stack NAME from AWS. Buckets, tables and images stay, and are named, unless --everything is given."""
    check_name(name)
    with opened(region) as account, following(name) as progress:
        bucket = artifacts.bucket_name(name, account)
        stack = Stack(account, name, progress.event)
        exists = stack.describe() is not None
        kept = {*emptying.read_note(account, bucket), *emptying.kept_of(stack.resources() if exists else ())}
        if not exists:
            kept |= {emptying.Kept(*existing.split()) for existing in leftovers.find(account, name)}
        artifacts_bucket = emptying.Kept("bucket", bucket)
        has_bucket = artifacts.exists(account, bucket)
        if not exists and not (everything and (kept or has_bucket)):
            stayed = f"; what stayed of it: {_list(kept)}; --everything removes that" if kept else ""
            raise UsageError(f"there is no stack {name} in region {account.region} of account {account.number}{stayed}")
        progress.say(f"account {account.number}, region {account.region}, stack {name}")
        progress.say("to be removed for ever, with all that is in them:" if everything else "what stays:")
        for resource in sorted({*kept, artifacts_bucket}):
            progress.say(f"  {resource}")
        _confirm(name, yes)
        if exists:
            if not everything:
                emptying.write_note(account, bucket, sorted(kept))
            stack.delete()
            progress.say(f"the stack {name} is removed")
        if everything:
            for resource in [*sorted(kept), *([artifacts_bucket] if has_bucket else [])]:
                emptying.remove(account, resource, progress.say)
        else:
            progress.say(f"to remove the rest too: uitest destroy {name} --everything")
    return 0


def _list(kept: set[emptying.Kept]) -> str:
    return ", ".join(map(str, sorted(kept)))


def _confirm(name: str, yes: bool) -> None:
    """Ask. Raises UsageError where nobody can answer."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked here; say --yes")
    if click.prompt(f"Type {name} to go on", default="", show_default=False, err=True) != name:
        raise UsageError("nothing is removed")
