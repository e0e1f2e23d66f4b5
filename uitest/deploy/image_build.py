"""Images built by CodeBuild in the account: the base of this version of uitest, and the first with the user's cases.

Later images with cases are built by the pipeline, from the same base. The machine that deploys needs no container
engine.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from uitest.deploy import artifacts, image_context
from uitest.deploy.account import Account, error_code, translating
from uitest.deploy.stack import LATEST_S
from uitest.deploy.templates import Upload
from uitest.errors import DeployFailed

CURRENT = "current"
"""Tag of the newest image with cases; the pipeline moves it."""
DONE = "SUCCEEDED"


def digest_of(account: Account, repository: str, tag: str) -> str | None:
    """The digest of a tagged image, None where there is none. Raises DeployError."""
    with translating(f"ECR repository {repository!r}", "ecr"):
        try:
            images = account.client("ecr").describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
        except Exception as exc:
            if error_code(exc) in ("ImageNotFoundException", "RepositoryNotFoundException"):
                return None
            raise
    details = images["imageDetails"]
    return str(details[0]["imageDigest"]) if details else None


class ImageBuild:
    """Builds of the stack ``name``; ``say`` is called with every phase."""

    def __init__(
        self, account: Account, name: str, say: Callable[[str], None], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._account, self._name, self._say, self._sleep = account, name, say, sleep

    def current(self, repository_uri: str) -> str:
        """The address of the newest image with cases, by digest; empty where there is none. Raises DeployError."""
        digest = digest_of(self._account, self._name, CURRENT)
        return f"{repository_uri}@{digest}" if digest else ""

    def placeholder(self) -> str:
        """An address that an image will have which is not built yet, for previews: its digest is made up."""
        return f"{self._account.number}.dkr.ecr.{self._account.region}.amazonaws.com/{self._name}@sha256:{'0' * 64}"

    def needed(self, base: Mapping[str, bytes]) -> bool:
        """Whether the account lacks an image of this base, or one with cases. Raises DeployError."""
        tags = (base_tag(base), CURRENT)
        return not all(digest_of(self._account, self._name, tag) for tag in tags)

    def build(self, base: Mapping[str, bytes], project: Mapping[str, bytes], bucket: str) -> None:
        """Build and push both, and wait. Raises DeployError, DeployFailed."""
        context = {**base, **project}
        key = f"images/{image_context.digest(context)}.zip"
        artifacts.upload(self._account, bucket, [Upload(key, image_context.archive(context))])
        with translating(f"CodeBuild project {self._name}-Base", "codebuild"):
            codebuild = self._account.client("codebuild")
            build = codebuild.start_build(
                projectName=f"{self._name}-Base",
                sourceTypeOverride="S3",
                sourceLocationOverride=f"{bucket}/{key}",
                environmentVariablesOverride=[{"name": "BASE_TAG", "value": base_tag(base)}],
            )["build"]
            self._say(f"building the image in CodeBuild ({build['id']}); some ten minutes")
            phase = ""
            while build["buildStatus"] == "IN_PROGRESS":
                if build.get("currentPhase", "") != phase:
                    phase = build["currentPhase"]
                    self._say(f"image: {phase.lower().replace('_', ' ')}")
                self._sleep(LATEST_S)
                [build] = codebuild.batch_get_builds(ids=[build["id"]])["builds"]
        if build["buildStatus"] != DONE:
            raise DeployFailed(f"the image is not built, the build is {build['buildStatus']}{_because(build)}")


def base_tag(base: Mapping[str, bytes]) -> str:
    """The tag of the base image that has this content."""
    return f"base-{image_context.digest(base)}"


def _because(build: Mapping[str, Any]) -> str:
    """Which phase failed, and where its log is."""
    failed = [phase for phase in build.get("phases", ()) if phase.get("phaseStatus") not in (None, DONE)]
    reasons = [text for phase in failed for context in phase.get("contexts", ()) if (text := context.get("message"))]
    where = build.get("logs", {}).get("deepLink")
    in_phase = f" in its phase {failed[0]['phaseType']}" if failed else ""
    return (
        in_phase + (f": {' '.join(reasons[0].split())}" if reasons else "") + (f"; its log: {where}" if where else "")
    )
