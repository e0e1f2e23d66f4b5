"""Buildspecs run with the variables that their projects set; what they called of AWS, against their roles' policies.

Not covered: what AWS does in a role's name (policies named ``service`` and the managed ones: logs, reports, images,
artifacts), which nothing outside AWS makes. ``tests/containers`` runs the same buildspecs in the image, all but that of
the image itself: it needs an engine inside a container, so Docker and the AWS command line are stand-ins here that say
what they were asked for.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.conftest import TITLE, WRONG, Local
from tests.support.aws.account import BUCKET, variables
from tests.support.aws.policies import Call, compare
from tests.support.aws.recorder import arn
from tests.support.aws.stack import whole
from tests.support.builds.buildspecs import build, here
from tests.support.builds.repository import NEW, pull_request
from tests.support.samples import attempt, header, row
from uitest.model import Verdict
from uitest.reporting.site import Site
from uitest.storage.files import S3Place

pytestmark = pytest.mark.slow


def test_build_of_one_browser_reports_green_and_failed_runs(local: Local) -> None:
    """A green and a failed build leave their files where they belong, and a line for whoever approves."""
    account = local.account
    green = local.build("TestOnChrome", "shop-TestOnChrome:1", TITLE)
    assert green.code == 0, green.output
    assert green.output.endswith("UITEST: green\n")
    assert green.exported == {"UITEST_SUMMARY": "1 passed"}
    report = green.reports["shop-TestOnChrome-uitest"]
    assert (report.status, report.cases, report.left_out) == ("SUCCEEDED", (TITLE,), 0)
    assert green.artifact is not None
    assert {f".uitest/{name}" for name in ("junit.xml", "run.html", "summary.md")} < set(green.artifact.files)
    red = local.build("TestOnChrome", "shop-TestOnChrome:2", TITLE, WRONG)
    assert red.code == 1, red.output
    report = red.reports["shop-TestOnChrome-uitest"]
    assert (report.status, report.cases) == ("FAILED", (WRONG, TITLE))
    assert red.phases["upload_artifacts"] == "SUCCEEDED"
    assert "UITEST: a case failed" in red.output.splitlines()[-1]
    assert red.exported == {"UITEST_SUMMARY": f"1 passed, 1 failed: failed m/{WRONG} in chrome"}
    assert WRONG in (local.folder / ".uitest" / "run.html").read_text()
    assert (local.folder / ".uitest" / "summary.md").read_text() in red.output
    assert " failures: 1\n" in red.output
    keys = account.files()
    assert "index.html" in keys
    assert any(key.startswith("artifacts/") and key.endswith("screenshot.png") for key in keys)
    compare(account.stack, "BuildRoles.TestRole", account.called("testrole"))


def test_browser_that_does_not_start_ends_the_build_before_any_case(local: Local) -> None:
    """The build's last line says what is wrong."""
    account = local.account
    account.modules(TITLE)
    done = account.build(
        "TestOnChrome", "shop-TestOnChrome:3", local.folder, WebURL=local.url, UITEST_CHROMEDRIVER="/bin/false"
    )
    assert done.code == 3
    assert done.output.splitlines()[-1].startswith("UITEST: the run broke (exit code 3)")
    assert not any(run.id == "shop-TestOnChrome:3" for run in account.store.runs(limit=10))


def test_fan_out_plans_watches_and_reports_while_functions_run_cases(local: Local) -> None:
    """Cases run in the function with a role that may do less than the build's."""
    account = local.account
    account.called("caserole")
    done = local.build("FanOut", "shop-FanOut:1", TITLE, WRONG)
    assert done.code == 1, done.output
    assert account.store.run("shop-FanOut:1").counts == {"passed": 1, "failed": 1}
    compare(account.stack, "BuildRoles.FanOutRole", account.called("fanoutrole"))
    compare(account.stack, "Runner.CaseRole", account.called("caserole"))


PUSH = {
    "ecr:BatchCheckLayerAvailability",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
}
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html (read 2026-11)."""

STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >> "$ASKED"
case "$*" in
    *"$FAILS"*) exit 255 ;;
    *update-function-code*)
        # Another update is running, for as many calls as CONFLICTS says.
        if [ "$(grep -c update-function-code "$ASKED")" -le "${CONFLICTS:-0}" ]; then
            echo "An error occurred (ResourceConflictException): an update is in progress" >&2
            exit 254
        fi
        ;;
    *describe-images*) echo sha256:1 ;;
    *inspect*) echo 1450000000 ;;
    *login*--password-stdin*) cat >/dev/null ;;
esac
"""


def test_image_is_built_pushed_and_given_to_functions_by_digest(tmp_path: Path) -> None:
    """The image is shown as well; the role may do that and nothing else."""
    for program in ("aws", "docker"):
        (tmp_path / program).write_text(STAND_IN)
        (tmp_path / program).chmod(0o755)
    stack, requests = whole(), tmp_path / "asked"
    environ = {**variables(stack.find("AWS::CodeBuild::Project")["Builds.Image"]), "ASKED": str(requests)}
    source = tmp_path / "source"  # in which nothing can be executed
    (source / "cases" / "site").mkdir(parents=True)
    (source / "cases" / "site" / "index.html").touch()
    done = build("image.yml", source, {**environ, "FAILS": "nothing fails"}, here(tmp_path))
    assert done.code == 0, done.output
    assert done.artifact is not None
    assert done.artifact.files == ("index.html",), "the site, for the actions that deploy it"
    assert "image of 1450000000 bytes, built in " in done.output
    lines = requests.read_text().splitlines()
    docker = [line.split()[1] for line in lines if line.startswith("docker ")]
    assert docker == ["login", "run", "build", "image", "push"]
    staged = next(line.split() for line in lines if line.startswith("docker run"))
    assert staged[staged.index("uitest") :][:4] == ["uitest", "image", "--cases", "cases"]
    argv = next(line.split() for line in lines if line.startswith("docker build"))
    assert argv[-1] == next(word for word in staged if word.endswith(":/context")).removesuffix(":/context")
    assert {"--provenance=false", "--sbom=false"} <= set(argv), "Lambda refuses an index with attestations"
    repository = arn("ecr", "repository/shop")
    calls = {Call(action, repository) for action in PUSH - {"ecr:BatchCheckLayerAvailability"}}
    for line in lines:
        arguments = line.split()
        if arguments[:3] == ["aws", "lambda", "update-function-code"]:
            assert arguments[arguments.index("--image-uri") + 1].endswith("/shop@sha256:1")
        if arguments[:2] == ["aws", "lambda"]:
            action = {"update-function-code": "UpdateFunctionCode", "wait": "GetFunction"}[arguments[2]]
            calls.add(
                Call(f"lambda:{action}", arn("lambda", f"function:{arguments[arguments.index('--function-name') + 1]}"))
            )
        if arguments[:3] == ["aws", "ecr", "describe-images"]:
            calls.add(Call("ecr:DescribeImages", repository))
    assert {line.split()[2] for line in lines if line.startswith("aws ecr")} == {
        "get-login-password",
        "describe-images",
    }
    compare(stack, "BuildRoles.ImageRole", calls)
    for step in (
        "update-function-code --function-name shop-cases",
        "wait function-updated-v2 --function-name shop-steps",
    ):
        done = build("image.yml", source, {**environ, "FAILS": step}, here(tmp_path))
        assert done.code != 0, f"hidden by the functions after it: {step}"


@pytest.mark.parametrize(("conflicts", "code", "pauses"), [(2, 0, 2), (1000, 1, 29)])
def test_function_that_is_being_updated_is_waited_for(tmp_path: Path, conflicts: int, code: int, pauses: int) -> None:
    """Lambda answers 409 meanwhile; a build that waits in vain fails with Lambda's words."""
    for program in ("aws", "docker", "sleep"):
        (tmp_path / program).write_text(STAND_IN)
        (tmp_path / program).chmod(0o755)
    (source := tmp_path / "source" / "cases" / "site").mkdir(parents=True)
    (source / "index.html").touch()
    source, requests = tmp_path / "source", tmp_path / "asked"
    environ = variables(whole().find("AWS::CodeBuild::Project")["Builds.Image"])
    environ |= {"ASKED": str(requests), "FAILS": "nothing fails", "CONFLICTS": str(conflicts)}
    done = build("image.yml", source, environ, here(tmp_path))
    assert (done.code != 0) == bool(code), done.output
    assert ("ResourceConflictException" in done.output) == bool(code)
    lines = requests.read_text().splitlines()
    assert lines.count("sleep 10") == pauses
    updated = [line.split("--function-name ")[1].split()[0] for line in lines if " wait " in line]
    assert updated == ([] if code else ["shop-cases", "shop-steps", "shop-action"])


def test_site_is_uploaded_without_what_it_no_longer_has(local: Local, tmp_path: Path) -> None:
    """The bucket is the one that the action names; the role may do that only."""
    account = local.account
    for bucket in ("testsite-bucket", "productionsite-bucket"):
        account.bucket.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        account.bucket.put_object(Bucket=bucket, Key="old.html", Body=b"old")
        (tmp_path / "index.html").write_text("new")
        done = account.build("Site", f"shop-Site:{bucket}", tmp_path, SITE_BUCKET=bucket)
        assert done.code == 0, done.output
        assert "1 files uploaded" in done.output
        assert [item["Key"] for item in account.bucket.list_objects_v2(Bucket=bucket)["Contents"]] == ["index.html"]
    compare(account.stack, "BuildRoles.SiteRole", account.called("siterole"))


@pytest.fixture
def base(local: Local) -> Iterator[None]:
    """What the branch main left in the results: a case that failed, and one that passed."""
    rows = [row("test_old::test_old", attempt(1, Verdict.FAILED), module="m"), row("gone", attempt(), module="m")]
    earlier = header(rows, id="shop-TestOnChrome:0")
    Site(S3Place(BUCKET, "", local.account.bucket), "artifacts/").run(earlier, rows, 0)
    yield
    local.account.bucket.delete_object(Bucket=BUCKET, Key=f"index/{earlier.id}.json")


@pytest.mark.usefixtures("base")
def test_pull_request_runs_changed_files_first_against_its_own_site(local: Local, tmp_path: Path) -> None:
    """Then every module runs; of AWS the build only reads how the base branch did."""
    account, more = local.account, {"SITE_FOLDER": "site", "CODEBUILD_WEBHOOK_BASE_REF": "refs/heads/main"}
    pull_request(tmp_path)
    done = account.build("PullRequest", "shop-PullRequest:1", tmp_path, BROWSER="chrome", **more)
    assert done.code == 0, done.output
    assert "changed case files first: cases/test_new.py\n" in done.output
    assert done.output.rstrip().endswith("UITEST: green")
    assert (tmp_path / ".uitest" / "site" / "index.html").exists()
    summary = (tmp_path / ".uitest" / "summary.md").read_text()
    assert summary in done.output
    assert "Compared with main" in summary
    assert "### Fixed: 1\n" in summary
    compare(account.stack, "BuildRoles.PullRequestRole", account.called("pullrequestrole"))


def test_changed_case_that_fails_makes_the_build_red(local: Local, tmp_path: Path) -> None:
    """It does so although no module names it, and everything else still runs."""
    more = {"SITE_FOLDER": "site", "CODEBUILD_WEBHOOK_BASE_REF": "refs/heads/main"}
    pull_request(tmp_path, NEW.replace("Shop", "Bank"))
    (tmp_path / "cases" / "modules.json").write_text('{"m": ["test_old::test_old"]}')
    done = local.account.build("PullRequest", "shop-PullRequest:2", tmp_path, BROWSER="chrome", **more)
    assert done.code == 1, done.output
    assert "1 failed" in done.output
    assert "UI tests: Passed" in (tmp_path / ".uitest" / "summary.md").read_text()
    assert done.output.splitlines()[-1].startswith("UITEST: a case failed")
