"""The AWS account that is deployed to: its region, its number, and clients of its services."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from uitest import aws
from uitest.errors import DeployError


def find_region(option: str | None) -> str:
    """The region: the option, else AWS_REGION, AWS_DEFAULT_REGION, or the profile's. Raises DeployError.

    boto3 itself does not read AWS_REGION.
    """
    for value in (option, os.environ.get("AWS_REGION"), os.environ.get("AWS_DEFAULT_REGION")):
        if value:
            return value
    import botocore.session

    core = botocore.session.Session()
    with translating("credentials", "sts"):
        if region := core.get_config_variable("region"):
            return str(region)
    profile = core.get_config_variable("profile") or "default"
    raise DeployError(
        "no AWS region: --region, AWS_REGION and AWS_DEFAULT_REGION are empty and the profile "
        f"{profile!r} in {core.get_config_variable('config_file')} names none; give one, for example --region eu-west-1"
    )


@dataclass
class Account:
    """An account in one region."""

    region: str
    number: str
    """The account id."""
    _clients: dict[str, Any] = field(default_factory=dict)
    """By service; each is created when it is asked for first."""

    @classmethod
    def open(cls, region: str) -> "Account":
        """The account that the credentials belong to. Raises DeployError without usable credentials."""
        opened = cls(region, "")
        with translating("the AWS account", "sts"):
            opened.number = str(opened.client("sts").get_caller_identity()["Account"])
        return opened

    @property
    def partition(self) -> str:
        """``aws``, or ``aws-cn``, ``aws-us-gov``, ..."""
        return str(self.client("s3").meta.partition)

    def client(self, service: str) -> Any:
        """The client of a service."""
        if service not in self._clients:
            self._clients[service] = aws.client(service, region=self.region)
        return self._clients[service]

    def close(self) -> None:
        """Close the connections of all clients."""
        for client in self._clients.values():
            client.close()


@contextmanager
def translating(name: str, service: str, remedy: str = "create it, or name another") -> Iterator[None]:
    """Translate boto3's errors about a resource into DeployError."""
    with aws.translating(DeployError, aws.Resource(service, name, remedy)):
        yield


def error_code(exc: Exception) -> str:
    """The code of an error response of AWS, empty for other exceptions."""
    response = getattr(exc, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))
