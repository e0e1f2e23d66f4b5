"""Nothing depends on the version of somebody's AWS command line: where it is used, only what is as old as its services.

``uitest deploy`` uses boto3 alone. Old command lines cannot package templates with ``Fn::ForEach``, for instance.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

ROOT = Path(__file__).parents[2]
IMAGE_BUILDS = ("base.yml", "image.yml")
"""Buildspecs that run in an image of AWS's own, whose command line AWS keeps up to date."""
PARTS = ("*.md", "docs/*.md", "buildspecs/*", "uitest/templates/**/*", "lambda_runner/**/*", "tools/*.sh", "Makefile")
FILES = sorted({path for pattern in PARTS for path in ROOT.glob(pattern) if path.is_file() and path.suffix != ".pyc"})
COMMAND = re.compile(r"(?<![\w/.-])aws ([a-z0-9-]+) ([a-z][a-z0-9-]+)((?:[^\n`|&;>)]|\\\n)*)")
OF_THE_COMMAND_LINE = {"query", "output", "region", "profile", "no-cli-pager"}
"""Options that every command has."""
RENAMED = {"notification-endpoint": "endpoint"}
"""Options that have always had another name than their parameter, which would be that of an option of every command."""
HIGH_LEVEL = {("s3", "ls"), ("s3", "mb")}
"""Commands that are no operations of a service, and as old as the command line."""
OF_IMAGE_BUILDS = {("ecr", "get-login-password"), ("lambda", "wait")}


def commands(text: str) -> Iterator[tuple[str, str, str]]:
    """Service, command and the rest of each call of the command line, continued lines joined."""
    for match in COMMAND.finditer(text):
        yield match[1], match[2], match[3].replace("\\\n", " ")


def files_with_commands() -> list[Path]:
    """The files that call or show it."""
    return [path for path in FILES if COMMAND.search(path.read_text())]


def test_search_finds_calls_in_docs_and_buildspecs() -> None:
    """The search for `aws` calls finds those of docs and of buildspecs."""
    assert {"image.yml", "aws-checklist.md", "operations.md"} <= {path.name for path in files_with_commands()}


@pytest.mark.parametrize("path", files_with_commands(), ids=lambda path: path.name)
def test_commands_are_operations_of_their_service(path: Path) -> None:
    """Each call is an operation of its service, with parameters that the service has."""
    session = botocore.session.get_session()
    for service, command, rest in commands(path.read_text()):
        if (service, command) in HIGH_LEVEL:
            continue
        if (service, command) in OF_IMAGE_BUILDS:
            assert path.name in IMAGE_BUILDS, f"aws {service} {command}"
            continue
        model = session.get_service_model({"s3api": "s3"}.get(service, service))
        operations = {xform_name(name, "-"): name for name in model.operation_names}
        assert command in operations, f"aws {service} {command} is no operation"
        members = model.operation_model(operations[command]).input_shape
        known = {xform_name(name, "-") for name in members.members} if members is not None else set()
        options = {RENAMED.get(name, name) for name in re.findall(r"--([a-z][a-z-]*)", rest)}
        assert options <= known | OF_THE_COMMAND_LINE, f"aws {service} {command}"


def test_docs_never_package_or_deploy_templates_with_it() -> None:
    """Old versions cannot do that with these templates; `uitest deploy` does it."""
    for path in FILES:
        for service, command, _ in commands(path.read_text()):
            assert (service, command) not in {("cloudformation", "package"), ("cloudformation", "deploy")}, path


def test_product_does_not_call_it() -> None:
    """Neither the command nor the functions start the AWS command line."""
    for folder in ("uitest", "lambda_runner"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not re.search(r"""[\[(]["']aws["'],""", path.read_text()), path
