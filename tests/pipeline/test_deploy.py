"""``uitest deploy`` and ``uitest destroy`` as processes, against an emulated account with all of the stack in it."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.aws.emulated_account import LIMIT_S, SOURCE, account
from tests.support.aws.servers import FAKE_AWS

CHECKLIST = (Path(__file__).parents[2] / "docs" / "aws-checklist.md").read_text()
NOBODY = "http://127.0.0.1:9"


@pytest.mark.slow
def test_stack_is_previewed_deployed_changed_removed_and_taken_up_again(tmp_path: Path) -> None:
    """The image is built on the way, and everything is removed in the end."""
    with account(tmp_path) as aws:
        output, errors = aws.run("deploy", "shop", *SOURCE, "--dry-run")
        added = set(re.findall(r"^ *add +(\S+) ", output, re.MULTILINE))
        assert {"Runner", "StateMachine", "Alarms", "BuildRoles", "Builds", "Delivery"} <= added, "they need the image"
        assert "Monitoring" not in added, "nobody has asked for it"
        assert "the bucket shop-artifacts-000000000000-eu-west-1 for templates would be created" in errors
        assert re.search(r"image: \d+ files of this repository, .* cases ", errors)
        with aws.client("cloudformation") as formation, aws.client("s3") as s3:
            alive = formation.list_stacks()["StackSummaries"]
            assert [summary for summary in alive if summary["StackStatus"] != "DELETE_COMPLETE"] == []
            assert s3.list_buckets()["Buckets"] == [], "a dry run leaves nothing"

        output, errors = aws.run("deploy", "shop", *SOURCE)
        assert "create complete      Storage/ModuleTable (AWS::DynamoDB::Table)\n" in errors
        assert "building the image in CodeBuild" in errors
        assert "create complete      Runner/CaseFunction (AWS::Lambda::Function)\n" in errors
        outputs = dict(line.split("\t") for line in output.splitlines())
        assert outputs["Store"] == "dynamodb:shop-modules,shop-status"
        assert "\x1b" not in output + errors
        with aws.client("lambda") as functions, aws.client("s3") as s3, aws.client("stepfunctions") as machines:
            code = functions.get_function(FunctionName="shop-cases")["Code"]
            assert re.search(r"/shop@sha256:\w+$", code["ImageUri"])
            [bucket] = [entry["Name"] for entry in s3.list_buckets()["Buckets"] if "-artifacts-" in entry["Name"]]
            assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
            assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
            assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
            [machine] = machines.list_state_machines()["stateMachines"]
            definition = machines.describe_state_machine(stateMachineArn=machine["stateMachineArn"])["definition"]
            assert "${" not in definition

        checklist = CHECKLIST.replace("trial", "shop").replace("RESULTS-BUCKET", outputs["ResultsBucket"])
        [sync], [run] = (
            re.findall(rf"^uitest ({name} .*)$", checklist, re.MULTILINE) for name in ("modules sync", "run")
        )
        assert "1 module is as discovered in cases" in aws.run(*shlex.split(sync))[0]
        assert "test_shop" in aws.run(*shlex.split(run), "--dry-run")[0]

        assert "the stack shop is up to date\n" in aws.run("deploy", "shop")[1]
        assert "there is no folder 'other'" in aws.run("deploy", "shop", "--cases", "other", "--rebuild", code=2)[1]
        (aws.folder / "cases").rename(aws.folder / "ui")
        (aws.folder / "uitest.toml").write_text('cases = "ui"\n[ci]\nretries = 1\n')
        assert "building the image" in aws.run("deploy", "shop", "--rebuild")[1]
        with aws.client("cloudformation") as formation:
            [stack] = formation.describe_stacks(StackName="shop")["Stacks"]
            values = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack["Parameters"]}
            assert (values["CasesFolder"], values["Section"]) == ("ui", "ci")
        with aws.client("s3") as s3:
            before = s3.list_objects_v2(Bucket=bucket, Prefix="templates/")["Contents"]
            s3.delete_object(
                Bucket=bucket, Key=before[0]["Key"]
            )  # as if this version were newer than the last deployed one
            output, _ = aws.run("deploy", "shop", "--parameter", "MemorySize=3000", "--dry-run")
            after = s3.list_objects_v2(Bucket=bucket, Prefix="templates/")["Contents"]
            assert {item["Key"] for item in after} == {item["Key"] for item in before[1:]}
        assert "modify  Runner " in output
        aws.run("deploy", "shop", "--parameter", "MemorySize=3000")
        assert "the stack shop is up to date\n" in aws.run("deploy", "shop")[1], "values are kept"

        assert "nobody can be asked here; say --yes" in aws.run("destroy", "shop", code=2)[1]
        errors = aws.run("destroy", "shop", "--yes")[1]
        assert "  table shop-status\n" in errors
        assert (
            "an earlier stack left table shop-modules, table shop-status, repository shop"
            in aws.run("deploy", "shop", *SOURCE)[1]
        )
        with aws.client("s3") as s3:
            buckets = {entry["Name"] for entry in s3.list_buckets()["Buckets"]}
            assert len(buckets) == 1 + 2 * 4, "those of the first stack are still there"
        errors = aws.run("destroy", "shop", "--yes", "--everything")[1]
        assert {
            line.removeprefix("removed bucket ") for line in errors.splitlines() if "removed bucket" in line
        } == buckets
        with aws.client("s3") as s3, aws.client("dynamodb") as tables, aws.client("ecr") as images:
            left = [s3.list_buckets()["Buckets"], tables.list_tables()["TableNames"]]
            assert [*left, images.describe_repositories()["repositories"]] == [[], [], []]
        assert "there is no stack shop in region eu-west-1" in aws.run("destroy", "shop", "--yes", code=2)[1]


@pytest.mark.parametrize(
    ("words", "environ", "message"),
    [
        (("deploy", "Shop"), {}, "uitest: NAME 'Shop' must have 2 to 20 characters"),
        (("deploy", "shop", "--parameter", "Moduls=a"), {}, "uitest: --parameter Moduls does not exist; "),
        (("deploy", "shop", "--cases", "../ui"), {}, "uitest: --cases '../ui' is not inside the repository; "),
        (("deploy", "shop"), {"AWS_REGION": ""}, "uitest: no AWS region: --region, AWS_REGION and AWS_DEFAULT_REGION"),
        (("destroy", "shop"), {"AWS_ACCESS_KEY_ID": ""}, "uitest: no usable AWS credentials"),
        (("deploy", "shop", "--region", "eu-west-1"), {"AWS_ENDPOINT_URL": NOBODY}, "uitest: cannot reach"),
    ],
)  # fmt: skip
def test_mistake_is_told_in_one_line_with_exit_code_2(
    words: tuple[str, ...], environ: dict[str, str], message: str, tmp_path: Path
) -> None:
    """No mistake of the user ends in a traceback."""
    nothing = {name: str(tmp_path / "none") for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")}
    region = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": ""}
    known = {**FAKE_AWS, **nothing, **region, "AWS_EC2_METADATA_DISABLED": "true", **environ}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, "-m", "uitest", *words], env={**clean, **known}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=LIMIT_S,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1


def test_aws_default_region_is_enough(tmp_path: Path) -> None:
    """boto3's own variable names the region."""
    with account(tmp_path) as aws:
        environ = {"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-central-1"}
        words = [sys.executable, "-m", "uitest", "deploy", "shop", *SOURCE, "--dry-run"]
        everything = {**os.environ, **FAKE_AWS, "AWS_ENDPOINT_URL": aws.url, **environ}
        done = subprocess.run(words, env=everything, capture_output=True, text=True, timeout=LIMIT_S)
        assert "region eu-central-1, stack shop\n" in done.stderr, done.stderr
        assert done.returncode == 0
