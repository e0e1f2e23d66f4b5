"""What AWS documents and no emulator checks: images that Lambda takes, and actions that its services need of a role."""

import re
from pathlib import Path

import pytest

from tests.pipeline.test_policies import policies
from tests.support.aws.policies import Call, statements
from tests.support.aws.stack import FOLDER, SOURCES, Stack, whole
from uitest.cli.commands import image

ROOT = FOLDER.parent
DOCKERFILES = [ROOT / "lambda_runner" / name for name in ("Dockerfile", "cases.Dockerfile")]
BUCKET = "arn:aws:s3:::shop"
OBJECT = f"{BUCKET}/site/main"
KEPT = "arn:aws:s3:::exchange-pipelinebucket"

# https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
READ_BY_CODEBUILD = {"s3:GetObject", "s3:GetObjectVersion"}
LOOKED_AT_BY_CODEBUILD = {"s3:GetBucketAcl", "s3:GetBucketLocation"}
# https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
READ_BY_CODEPIPELINE = {
    "s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging",
}  # fmt: skip
WRITTEN_BY_CODEPIPELINE = {
    "s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging", "s3:PutObjectVersionTagging",
}  # fmt: skip
LOOKED_AT_BY_CODEPIPELINE = {"s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket"}


def may(stack: Stack, name: str) -> set[Call]:
    """What all policies of a role allow, or a managed policy."""
    return {
        Call(action, resource)
        for policy, document in policies(stack)
        if policy == name or policy.rpartition(".")[0] == name
        for statement in statements(document)
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
        for resource in statement.get("Resource", ())
    }


def missing(stack: Stack, name: str, actions: set[str], resource: str) -> set[str]:
    """Those of the actions that it does not allow on the resource."""
    allowed = may(stack, name)
    assert allowed, name
    return {action for action in actions if not any(item.covers(Call(action, resource)) for item in allowed)}


def sources(*suffixes: str) -> list[Path]:
    """Files of the product with these suffixes."""
    folders = (ROOT / name for name in ("uitest", "lambda_runner", "buildspecs", "tools"))
    return [path for folder in folders for path in folder.rglob("*") if path.suffix in suffixes]


@pytest.mark.parametrize("name", ["base.yml", "image.yml"])
def test_images_have_no_attestations_and_keep_no_old_browsers(name: str) -> None:
    """Lambda refuses an index; a cache of the registry's would keep the layers of old browsers for ever."""
    builds = re.findall(r"docker (?:buildx )?build .*", (FOLDER / name).read_text())
    assert builds
    for line in builds:
        assert {"--provenance=false", "--sbom=false"} <= set(line.split()), line
        assert "--cache-from" not in line
    assert "--cache-from" not in image.BUILD


def test_images_come_from_amazons_registry() -> None:
    """Docker's own limits how often an address may pull, and builds of a region may share one."""
    for path in DOCKERFILES:
        text = path.read_text()
        assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"${BASE}"}, path.name
        [base] = re.findall(r"^ARG BASE=(\S+)", text, re.MULTILINE)
        assert base == "uitest-base" or base.startswith("public.ecr.aws/docker/library/"), path.name


def test_chrome_is_never_started_as_a_single_process() -> None:
    """Such a Chrome has no browser contexts: documents may only advise against it, and nothing sets it."""
    for path in sources(".py", ".sh", ".yml", ".yaml", ".json", ".Dockerfile", ""):
        if path.is_file():
            assert b"--single-process" not in path.read_bytes(), path.name
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for sentence in re.findall(r"[^.]*--single-process[^.]*", path.read_text()):
            assert "Do not add" in sentence, path.name


@pytest.mark.parametrize("source", SOURCES)
def test_connections_of_either_prefix_work(source: str) -> None:
    """Those made before 2024 have ARNs, and need actions, of the earlier one."""
    seen = set()
    for name, document in policies(whole(source)):
        for statement in statements(document):
            pairs = {action.partition(":")[::2] for action in statement.get("Action", ())}
            new, old = ({verb for prefix, verb in pairs if prefix == wanted}
                        for wanted in ("codeconnections", "codestar-connections"))  # fmt: skip
            assert new == old, name
            seen |= new
    assert bool(seen) is (source == "github")


def test_builds_of_a_source_in_s3_may_read_it_and_look_at_its_bucket() -> None:
    """FanOut and Matrix, which get their source themselves."""
    stack = whole("s3", SourceRepository="shop", SourceBranch="site/main")
    assert missing(stack, "BuildRoles.SourcePolicy", READ_BY_CODEBUILD, OBJECT) == set()
    assert missing(stack, "BuildRoles.SourcePolicy", LOOKED_AT_BY_CODEBUILD, BUCKET) == set()


@pytest.mark.parametrize("role", ["TestRole", "FanOutRole", "PullRequestRole", "ImageRole", "SiteRole"])
def test_builds_may_look_at_the_bucket_of_their_artifacts(role: str) -> None:
    """CodeBuild does so before it writes there."""
    assert missing(whole(), f"BuildRoles.{role}", LOOKED_AT_BY_CODEBUILD, KEPT) == set()


def test_pipeline_may_do_what_codepipeline_does_in_its_name() -> None:
    """With its bucket between stages, and with a source in S3."""
    stack = whole("s3", SourceRepository="shop", SourceBranch="site/main")
    role = "Delivery.Role"
    kept = READ_BY_CODEPIPELINE | WRITTEN_BY_CODEPIPELINE
    assert missing(stack, role, kept, f"{KEPT}/shop/Source/x") == set()
    assert missing(stack, role, READ_BY_CODEPIPELINE, OBJECT) == set()
    for bucket in (KEPT, BUCKET):
        assert missing(stack, role, LOOKED_AT_BY_CODEPIPELINE, bucket) == set()
