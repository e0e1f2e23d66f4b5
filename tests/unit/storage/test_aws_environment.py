"""What is said where the environment keeps a store in DynamoDB from being opened."""

from typing import Any

import pytest

from tests.support.aws.servers import FAKE_AWS
from uitest import aws
from uitest.browsers.process.process_group import free_port
from uitest.errors import StoreError, UsageError
from uitest.storage.stores import open_store
from uitest.storage.stores.dynamodb import DynamoStore


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> pytest.MonkeyPatch:
    """An environment in which boto3 finds neither region nor credentials."""
    for name in [*FAKE_AWS, "AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


def test_missing_region_names_the_variable(bare_environment: pytest.MonkeyPatch) -> None:
    """Without a region the message names the variable to set."""
    with pytest.raises(StoreError, match=r"no AWS region is set for DynamoDB table 'm'; set one, .*AWS_REGION="):
        open_store("dynamodb:m,s")


def test_missing_credentials_say_how_to_set_them(bare_environment: pytest.MonkeyPatch) -> None:
    """Without credentials the message says how to set them; AWS_REGION alone sets the region."""
    bare_environment.setenv("AWS_REGION", "eu-west-1")
    store = open_store("dynamodb:m,s")
    with pytest.raises(StoreError, match=r"no usable AWS credentials for DynamoDB table 's'.*AWS_PROFILE"):
        store.run("r1")
    store.close()


def test_unreachable_endpoint_is_reported(bare_environment: pytest.MonkeyPatch) -> None:
    """AWS_ENDPOINT_URL is used, and an endpoint that does not respond is reported."""
    for name, value in FAKE_AWS.items():
        bare_environment.setenv(name, value)
    endpoint = f"http://127.0.0.1:{free_port()}"
    bare_environment.setenv("AWS_ENDPOINT_URL", endpoint)
    store = DynamoStore("m", "s", aws.client("dynamodb", attempts=1))
    with pytest.raises(StoreError, match=f"cannot reach DynamoDB table 'm' .*{endpoint}.*AWS_ENDPOINT_URL"):
        store.modules()
    store.close()


def test_unknown_profile_is_named(bare_environment: pytest.MonkeyPatch) -> None:
    """An unknown profile is named."""
    bare_environment.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(StoreError, match="nobody"):
        open_store("dynamodb:m,s")


@pytest.mark.parametrize("spec", ["", "sqlite:", "dynamodb:", "dynamodb:one", "dynamodb:a,b,c", "mysql:x"])
def test_unknown_store_is_rejected_with_both_forms(spec: str) -> None:
    """A text that is not a store is rejected with the two valid forms."""
    with pytest.raises(UsageError, match="neither sqlite:PATH nor dynamodb:"):
        open_store(spec)


def test_errors_of_others_pass_through() -> None:
    """What is not boto3's is a mistake of ours and keeps its traceback."""
    with pytest.raises(ZeroDivisionError), aws.translating(StoreError, aws.Resource("s3", "x")):
        raise ZeroDivisionError
