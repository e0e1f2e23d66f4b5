"""``tools/deploy.sh`` with stand-ins for the AWS command line and Docker that say what they were asked for."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.stack import FOLDER, load

SCRIPT = FOLDER.parent / "tools" / "deploy.sh"

AWS = """#!/bin/sh
echo "aws $*" >> "$ASKED"
case "$*" in
    *get-caller-identity*) echo 123456789012 ;;
    *head-bucket*) exit "$BUCKET" ;;
    *ImageUri*) echo "$IMAGE" ;;
    *RepositoryUri*) echo 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop ;;
    *describe-images*) echo sha256:1 ;;
    *get-login-password*) echo secret ;;
esac
"""
DOCKER = """#!/bin/sh
echo "docker $*" >> "$ASKED"
case "$*" in *password-stdin*) cat >/dev/null ;; esac
"""
WORDS = ("SourceKind=s3", "SourceRepository=bucket")


def deploy(folder: Path, *words: str, image: str = "None", bucket: int = 1, code: int = 0) -> list[str]:
    """Run it; what the programs were asked for, one line each."""
    for name, text in (("aws", AWS), ("docker", DOCKER)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    requests = folder / "asked"
    requests.write_text("")
    environ = {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "ASKED": str(requests), "IMAGE": image, "BUCKET": str(bucket), "AWS_REGION": "eu-west-1",
    }  # fmt: skip
    done = subprocess.run(
        [str(SCRIPT), *words], cwd=folder, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code, done.stderr
    assert "secret" not in done.stdout + done.stderr
    return requests.read_text().splitlines()


def test_first_time(tmp_path: Path) -> None:
    """Storage first, then the image, then everything that needs it."""
    requests = deploy(tmp_path, "shop", *WORDS)
    assert any(line.startswith("aws s3 mb s3://shop-templates-123456789012-eu-west-1") for line in requests)
    package = next(line for line in requests if " package " in line)
    assert "buildspecs/pipeline.yaml" in package
    first, second = (line for line in requests if " deploy " in line)
    assert first.endswith("Name=shop SourceKind=s3 SourceRepository=bucket")
    assert second.endswith("ImageUri=123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:1")
    docker = [line.split()[1] for line in requests if line.startswith("docker")]
    assert docker == ["login", "build", "push"]
    assert (
        requests.index(first)
        < requests.index(next(line for line in requests if "docker push" in line))
        < requests.index(second)
    )
    named = {
        word.partition("=")[0] for line in (first, second) for word in line.split("--parameter-overrides ")[1].split()
    }
    assert named <= set(load("pipeline.yaml")["Parameters"])
    assert "CAPABILITY_AUTO_EXPAND" in first


def test_again(tmp_path: Path) -> None:
    """An image that is there stays; no Docker is needed."""
    requests = deploy(tmp_path, "shop", "Modules=mod1", image="repository@sha256:0", bucket=0)
    assert not [line for line in requests if line.startswith("docker") or " mb " in line]
    (only,) = (line for line in requests if " deploy " in line)
    assert only.endswith("Name=shop Modules=mod1")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("SourceKind=s3",)])
def test_wrong_use(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Without a name nothing is asked of AWS."""
    assert deploy(tmp_path, *arguments, code=2) == []
