"""Quotas that are too small."""

from typing import Any

import pytest
from botocore.stub import Stubber

from tests.support.aws.servers import fake_client
from uitest.deploy import quotas
from uitest.deploy.account import Account
from uitest.deploy.quotas import Limits
from uitest.errors import DeployError


def account(**clients: Any) -> Account:
    """With these clients."""
    return Account("eu-west-1", "1", {name.replace("_", "-"): client for name, client in clients.items()})


def test_small_quotas_are_warnings() -> None:
    """Each small quota is a warning with its name."""
    executions, builds, memory = quotas.compare(Limits(10, 10, 1), {"MemorySize": "4096"}, {})
    assert executions.startswith("the quota 'Concurrent executions' of Lambda is 10, so no more cases run at once; ask")
    assert builds.startswith(f"the quota {quotas.BUILD_QUOTA!r} of CodeBuild is 1, and the pipeline starts 3 at once: ")
    assert memory.startswith("--parameter MemorySize=4096: new accounts have 3008 MB for a function")
    assert quotas.compare(Limits(1000, 1000, 60), {"MemorySize": "2048"}, {}) == []
    assert quotas.compare(Limits(None, None, None), {"ReservedConcurrency": "5"}, {}) == []


def test_too_many_reserved_executions_are_refused() -> None:
    """More than Lambda would reserve is refused before anything is created."""
    with pytest.raises(DeployError, match="ReservedConcurrency=901 is refused by Lambda: 1000 of the quota"):
        quotas.compare(Limits(1000, 1000, 60), {"ReservedConcurrency": "901"}, {})
    nine_hundred = {"ReservedConcurrency": "900"}
    assert quotas.compare(Limits(1000, 1000, 60), nine_hundred, {}) == []
    assert quotas.compare(Limits(1000, 100, 60), nine_hundred, nine_hundred) == [], "its own reservation is no obstacle"
    with pytest.raises(DeployError, match=r"^--parameter MemorySize=2GB is not a whole number$"):
        quotas.compare(Limits(1000, 1000, 60), {"MemorySize": "2GB"}, {})


def test_quotas_are_read_from_lambda_and_service_quotas() -> None:
    """From Lambda and Service Quotas; what may not be read is a line and no error."""
    functions, service_quotas = fake_client("lambda"), fake_client("service-quotas")
    limit = {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}
    with Stubber(functions) as lambda_stub, Stubber(service_quotas) as quota_stub:
        lambda_stub.add_response("get_account_settings", {"AccountLimit": limit})
        quota = {"QuotaName": quotas.BUILD_QUOTA, "Value": 5.0}
        quota_stub.add_response("list_service_quotas", {"Quotas": [quota]}, {"ServiceCode": "codebuild"})
        opened = account(**{"lambda": functions, "service_quotas": service_quotas})
        assert quotas.read(opened) == (Limits(10, 10, 5), [])
        lambda_stub.add_response("get_account_settings", {"AccountLimit": limit})
        quota_stub.add_response("list_service_quotas", {"Quotas": []}, {"ServiceCode": "codebuild"})
        everybody = {"Quotas": [{**quota, "Value": 60.0}]}
        quota_stub.add_response("list_aws_default_service_quotas", everybody, {"ServiceCode": "codebuild"})
        assert quotas.read(opened) == (Limits(10, 10, 60), [])
        lambda_stub.add_client_error("get_account_settings", "AccessDeniedException", "not you")
        quota_stub.add_client_error("list_service_quotas", "AccessDeniedException", "not you")
        limits, unknown = quotas.read(opened)
    assert limits == Limits(None, None, None)
    assert [line.split(" is not checked: ")[0] for line in unknown] == [
        "the quota 'Concurrent executions' of Lambda",
        "the quota 'Concurrently running builds for Linux/Medium environment' of CodeBuild",
    ]
