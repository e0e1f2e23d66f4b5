"""The table of calls to AWS against the calls in the source and in the buildspecs, and its limits against constants."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

import lambda_runner
import uitest
from lambda_runner import pipeline_action
from lambda_runner.steps import plan
from uitest import model
from uitest.deploy import emptying, project_files, site_files, templates
from uitest.executors.aws import event, step_functions
from uitest.reporting import notify
from uitest.reporting.formats import codebuild_report
from uitest.storage.stores import tables

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "aws-calls.md").read_text()
OF_AWS = ("https://docs.aws.amazon.com/", "https://repost.aws/knowledge-center/")
NOT_FOUND = "not found in the documentation; from "
"""What stands in a row, with where else its limit comes from, if no page of AWS's says it."""
SESSION = botocore.session.Session()
SERVICES = (
    "cloudformation", "codebuild", "codepipeline", "dynamodb", "ecr", "lambda", "s3", "servicequotas", "sns", "states",
    "sts",
)  # fmt: skip
"""Prefixes of IAM actions."""
MODELS = {"servicequotas": "service-quotas", "states": "stepfunctions"}
"""Botocore's names of services, where they differ."""
OTHERS = {"environment.get_template"}
"""A method of jinja's."""
EMULATED = "local_aws"
KB = 1024


def operations(service: str) -> dict[str, str]:
    """The operations of a service by the name of their method."""
    names = SESSION.get_service_model(MODELS.get(service, service)).operation_names
    return {xform_name(operation): operation for operation in names}


KNOWN = {method: operation for service in SERVICES for method, operation in operations(service).items()}


def methods(source: str) -> Iterator[str]:
    """Methods of AWS clients that a module calls: ``client.put_item(...)``, or by name.

    By name are called those that have pages, and those of which a wrapper repeats what was throttled; a name of one
    word counts only as an argument of a call.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and "_" in str(node.value):
            yield str(node.value)
        if isinstance(node, ast.Call):
            yield from (str(argument.value) for argument in node.args if isinstance(argument, ast.Constant))
            if isinstance(node.func, ast.Attribute) and ast.unparse(node.func) not in OTHERS:
                yield node.func.attr


def called() -> set[str]:
    """Operations that the packages call."""
    files = [path for package in (uitest, lambda_runner) for path in Path(str(package.__file__)).parent.rglob("*.py")]
    names = {name for path in files if EMULATED not in path.parts for name in methods(path.read_text())}
    return {KNOWN[name] for name in names & set(KNOWN)}


def called_by_builds() -> set[str]:
    """Operations behind the AWS command line in the buildspecs."""
    ours = set()
    for path in (ROOT / "buildspecs").glob("*.yml"):
        text = re.sub(r"^ *#.*$", "", path.read_text(), flags=re.MULTILINE)
        for service, waits, command in re.findall(r"\baws ([a-z]+) (wait )?([a-z0-9-]+)", text):
            if waits:
                waiters = {xform_name(name, "-"): name for name in SESSION.get_waiter_model(service).waiter_names}
                ours.add(SESSION.get_waiter_model(service).get_waiter(waiters[command]).operation)
            elif command == "get-login-password":  # the command line's own name
                ours.add("GetAuthorizationToken")
            else:
                ours.add(operations(service)[command.replace("-", "_")])
    return ours


def rows() -> list[list[str]]:
    """The cells of the table's rows."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[0] != "call"]


def named() -> set[str]:
    """Operations in the table, of which each must be one of the service that stands before it."""
    ours = set()
    for first, *_ in rows():
        service = ""
        for text in re.findall(r"`([^`]+)`", re.sub(r"\(.*?\)", "", first)):
            prefix, _, name = text.rpartition(":")
            service = prefix or service
            assert name in operations(service).values(), f"{service}:{name}"
            ours.add(name)
    return ours


def test_table_names_every_call_and_no_other() -> None:
    """By AWS's name for it."""
    ours = called() | called_by_builds()
    assert {"CreateChangeSet", "PutObject", "StartExecution", "BatchWriteItem", "ListServiceQuotas", "Invoke"} <= ours
    assert (sorted(ours - named()), sorted(named() - ours)) == ([], []), "missing in docs/aws-calls.md, and dead there"


def test_calls_are_found_in_each_form() -> None:
    """Of a client, of an expression, of pages, and through a wrapper; other strings and methods are none."""
    source = """
client.put_object(Bucket="b")
account.client("s3").head_bucket(Bucket="b")
for page in client.get_paginator("list_objects_v2").paginate(): pass
self.call("query", Item={})
for operation in ("put_item",): getattr(client, operation)()
environment.get_template("page.html")
word = "scan"
"""
    assert set(methods(source)) & set(KNOWN) == {"put_object", "head_bucket", "list_objects_v2", "query", "put_item"}


def test_table_has_no_empty_answers() -> None:
    """Every row has a limit, says what is done, and has a source."""
    assert len(rows()) > 15
    assert not [row for row in rows() if len(row) != 4 or not all(row)]


def test_limits_have_a_source() -> None:
    """A page of AWS's, or the words that there is none and what it is from; every link is used, and named once."""
    pages = re.findall(r"^\[([^]]+)\]: (\S+)$", PAGE, re.MULTILINE)
    assert len(dict(pages)) == len(pages) == len({address for _, address in pages})
    assert all(address.startswith(OF_AWS) for _, address in pages)
    used = set()
    for call, _, _, source in rows():
        links = re.findall(r"\[([^]]+)\]", source)
        used |= set(links)
        assert links or source.startswith(NOT_FOUND), call
        left = re.sub(r"\[[^]]+\]", "", source).strip(", ;")
        assert not left or NOT_FOUND in left, f"{call}: {left}"
    assert used == set(dict(pages))


ACTION_VALUE = SESSION.get_service_model("codepipeline").shape_for("ActionConfigurationValue").metadata["max"]
LIMITS = [
    ("`dynamodb:BatchWriteItem`", "25 items", tables.BATCH),
    ("`s3:ListObjectVersions`", "1,000 versions", emptying.BATCH),
    ("`s3:ListObjectVersions`", "1,000 versions", site_files.BATCH),
    ("`s3:PutObject` of templates", "1 MB", templates.BODY_LIMIT),
    ("`s3:PutObject` of what images", "100 MB", project_files.LIMIT),
    ("`cloudformation:CreateChangeSet`", "4,096 bytes", templates.VALUE_LIMIT),
    ("`lambda:Invoke`", "1 MB", event.PAYLOAD_LIMIT),
    ("`states:StartExecution`", "80 characters", step_functions.NAME_LIMIT),
    ("`states:StartExecution`", "256 KB", plan.STATE_LIMIT),
    ("Step Functions: results", "256 KB", plan.STATE_LIMIT),
    ("Step Functions: results", "131,071 invocations", plan.LIST_LENGTH),
    ("`sns:Publish`", "99 characters", notify.SUBJECT_LIMIT),
    ("`codepipeline:PutJob", "2,048 characters", pipeline_action.TOKEN_LIMIT),
    ("`codepipeline:PutJob", "message of 5,000", pipeline_action.MESSAGE_LIMIT),
    ("CodeBuild: reports", "500 cases", codebuild_report.LIMIT),
    ("CodeBuild: reports", "message 5,000", codebuild_report.MESSAGE_LIMIT),
    ("CodeBuild: reports", "300 characters", model.ID_LIMIT),
    ("CodePipeline: the configuration", "1,000 characters", ACTION_VALUE),
]
"""Beginning of a row, a number in it with its unit, and the constant that the code keeps to."""


@pytest.mark.parametrize(("call", "number", "constant"), LIMITS, ids=lambda value: str(value))
def test_limits_in_the_table_are_those_of_the_code(call: str, number: str, constant: int) -> None:
    """Whoever changes one of them has to change the other."""
    [row] = [row for row in rows() if row[0].startswith(call)]
    assert number in f"{row[1]} {row[2]}"
    unit = {"MB": KB * KB, "KB": KB}.get(number.rpartition(" ")[2], 1)
    assert int(re.sub(r"[^0-9]", "", number)) * unit == constant


@pytest.mark.parametrize(
    ("service", "shape", "constant"),
    [
        ("dynamodb", "WriteRequests", tables.BATCH),
        ("states", "Name", step_functions.NAME_LIMIT),
        ("states", "SensitiveData", plan.STATE_LIMIT),
        ("codepipeline", "ContinuationToken", pipeline_action.TOKEN_LIMIT),
        ("codepipeline", "Message", pipeline_action.MESSAGE_LIMIT),
    ],
)
def test_constants_are_the_limits_in_the_models_of_the_services(service: str, shape: str, constant: int) -> None:
    """AWS's own descriptions, as far as they have a limit."""
    described = SESSION.get_service_model(MODELS.get(service, service))
    assert described.shape_for(shape).metadata["max"] == constant
