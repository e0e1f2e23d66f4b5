"""Builds of the image that fail, or take their time."""

from typing import Any

import pytest

from uitest.deploy import image_build
from uitest.deploy.account import Account
from uitest.deploy.image_build import ImageBuild
from uitest.errors import DeployFailed

BASE = {"Dockerfile": b"FROM x"}


class Builds:
    """A client of CodeBuild and S3 whose build goes from state to state."""

    def __init__(self, *states: dict[str, Any]) -> None:
        self._states = [{"id": "shop-Base:1", **state} for state in states]
        self.words: dict[str, Any] = {}

    def start_build(self, **words: Any) -> dict[str, Any]:
        """The first state."""
        self.words = words
        return {"build": self._states.pop(0)}

    def batch_get_builds(self, ids: list[str]) -> dict[str, Any]:
        """The next one."""
        assert ids == ["shop-Base:1"]
        return {"builds": [self._states.pop(0)]}

    def put_object(self, **_words: Any) -> None:
        """Takes everything."""


def build(*states: dict[str, Any]) -> tuple[Builds, list[str]]:
    """The client and what was said."""
    client, lines = Builds(*states), list[str]()
    account = Account("eu-west-1", "1", {"codebuild": client, "s3": client})
    ImageBuild(account, "shop", lines.append, sleep=lambda _: None).build(BASE, {"project/cases/t.py": b""}, "bucket")
    return client, lines


def test_build_is_started_with_its_source_and_tag() -> None:
    """Is given what it is built from, and the tag by which the next command knows it; each phase is told once."""
    running = {"buildStatus": "IN_PROGRESS", "currentPhase": "QUEUED"}
    client, lines = build(running, running, {**running, "currentPhase": "PRE_BUILD"}, {"buildStatus": "SUCCEEDED"})
    assert lines == [
        "building the image in CodeBuild (shop-Base:1); some ten minutes",
        "image: queued",
        "image: pre build",
    ]
    assert client.words["sourceLocationOverride"].startswith("bucket/images/")
    [variable] = client.words["environmentVariablesOverride"]
    assert variable == {"name": "BASE_TAG", "value": image_build.base_tag(BASE)}


def test_failed_build_names_phase_reason_and_log() -> None:
    """Names phase, reason and log."""
    failed = {
        "buildStatus": "FAILED",
        "phases": [
            {"phaseType": "INSTALL", "phaseStatus": "SUCCEEDED"},
            {"phaseType": "BUILD", "phaseStatus": "FAILED", "contexts": [{"message": "exit\nstatus 1"}]},
            {"phaseType": "COMPLETED"},
        ],
        "logs": {"deepLink": "https://console/log"},
    }
    with pytest.raises(DeployFailed) as caught:
        build({"buildStatus": "IN_PROGRESS", "currentPhase": "BUILD"}, failed)
    assert str(caught.value) == (
        "the image is not built, the build is FAILED in its phase BUILD: exit status 1; its log: https://console/log"
    )
    with pytest.raises(DeployFailed, match=r"the image is not built, the build is STOPPED$"):
        build({"buildStatus": "STOPPED"})
