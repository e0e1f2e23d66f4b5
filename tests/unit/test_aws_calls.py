"""The table of calls to AWS against the calls in the source."""

import re
from pathlib import Path

import botocore.session
from botocore import xform_name

import lambda_runner
import uitest

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "aws-calls.md").read_text()
SERVICES = (
    "cloudformation", "codebuild", "codepipeline", "dynamodb", "ecr", "lambda", "s3", "service-quotas", "sns",
    "stepfunctions", "sts",
)  # fmt: skip
ONE_WORD = {"invoke", "publish", "query", "scan"}
"""Operations that are called, by names that other objects have as methods too."""
OTHERS = {"get_template"}
"""A method of jinja's."""
EMULATED = "local_aws"


def operations() -> dict[str, str]:
    """Every operation of these services by the name of its method."""
    session = botocore.session.Session()
    return {
        xform_name(operation): operation
        for service in SERVICES
        for operation in session.get_service_model(service).operation_names
    }


def called() -> set[str]:
    """Methods of clients that the source calls, paginators included."""
    names = set()
    for package in (uitest, lambda_runner):
        for path in Path(str(package.__file__)).parent.rglob("*.py"):
            if EMULATED not in path.parts:
                text = path.read_text()
                names |= set(re.findall(r"\.(\w+)\(", text)) | set(re.findall(r'"(\w+)"', text))
    return names


def test_table_names_every_call() -> None:
    """By AWS's name for it, with its limit and what we do there."""
    known = operations()
    names = {name for name in called() & set(known) if "_" in name} - OTHERS | ONE_WORD
    ours = {known[name] for name in names}
    assert {"CreateChangeSet", "PutObject", "StartExecution", "BatchWriteItem", "ListServiceQuotas"} <= ours
    missing = sorted(name for name in ours if not re.search(rf"\b{name}\b", TABLE))
    assert not missing, f"docs/aws-calls.md does not name {missing}"


def test_table_has_no_empty_answers() -> None:
    """Every row says what is done."""
    rows = [line for line in TABLE.splitlines() if line.startswith("| `")]
    assert len(rows) > 15
    assert not [row for row in rows if not row.split("|")[3].strip()]
