"""Quotas of an account that a deployment needs: compared before anything is created, because AWS reports them late.

New accounts have small ones. What is too small for the pipeline is an error where AWS would refuse the stack, else a
warning: the pipeline works, but slower or with failing builds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from uitest.deploy.account import Account, translating
from uitest.errors import DeployError

BUILDS_AT_ONCE = 3
"""The pipeline tests three browsers at once, on Linux/Medium."""
BUILD_QUOTA = "Concurrently running builds for Linux/Medium environment"
LAMBDA_QUOTA = "Concurrent executions"
FEW_EXECUTIONS = 100
UNRESERVED = 100
"""Executions that Lambda keeps for functions without reserved ones."""
NEW_ACCOUNT_MB = 3008
"""Memory of a function in accounts that are new; no call of AWS tells it."""
ASK = "ask for more in the console: Service Quotas, {service}, {quota}"


@dataclass(frozen=True)
class Limits:
    """What the account allows; None where it cannot be told."""

    executions: int | None
    """Of Lambda, at once."""
    unreserved: int | None
    """Of those, not reserved by any function."""
    builds: int | None
    """Of CodeBuild, at once."""


def read(account: Account) -> tuple[Limits, list[str]]:
    """The limits, and a line for each that cannot be read: that alone stops no deployment."""
    executions = unreserved = builds = None
    unknown = []
    try:
        with translating("the account's quotas", "lambda"):
            settings = account.client("lambda").get_account_settings()["AccountLimit"]
        executions, unreserved = settings["ConcurrentExecutions"], settings["UnreservedConcurrentExecutions"]
    except DeployError as exc:
        unknown.append(f"the quota {LAMBDA_QUOTA!r} of Lambda is not checked: {exc}")
    try:
        with translating("the account's quotas", "servicequotas"):
            builds = _builds(account.client("service-quotas"))
    except DeployError as exc:
        unknown.append(f"the quota {BUILD_QUOTA!r} of CodeBuild is not checked: {exc}")
    return Limits(executions, unreserved, builds), unknown


def _builds(service_quotas: Any) -> int | None:
    """The account's own value, else the default of all accounts: the first list lacks what was never changed."""
    for operation in ("list_service_quotas", "list_aws_default_service_quotas"):
        for page in service_quotas.get_paginator(operation).paginate(ServiceCode="codebuild"):
            for quota in page["Quotas"]:
                if quota["QuotaName"] == BUILD_QUOTA:
                    return int(quota["Value"])
    return None


def compare(limits: Limits, parameters: Mapping[str, str], previous: Mapping[str, str]) -> list[str]:
    """Warnings about quotas that are small for these parameters. Raises DeployError for one that AWS would refuse.

    ``previous``: parameters of the last deployment, which has reserved executions already.
    """
    warnings = []
    reserved = _number(parameters, "ReservedConcurrency")
    free = None if limits.unreserved is None else limits.unreserved + _number(previous, "ReservedConcurrency")
    if reserved and free is not None and free - reserved < UNRESERVED:
        raise DeployError(
            f"--parameter ReservedConcurrency={reserved} is refused by Lambda: {free} of the quota "
            f"{LAMBDA_QUOTA!r} are not reserved, and {UNRESERVED} must stay so; give less, or "
            + ASK.format(service="AWS Lambda", quota=LAMBDA_QUOTA)
        )
    if limits.executions is not None and limits.executions < FEW_EXECUTIONS:
        warnings.append(
            f"the quota {LAMBDA_QUOTA!r} of Lambda is {limits.executions}, so no more cases run at once; "
            + ASK.format(service="AWS Lambda", quota=LAMBDA_QUOTA)
        )
    if limits.builds is not None and limits.builds < BUILDS_AT_ONCE:
        warnings.append(
            f"the quota {BUILD_QUOTA!r} of CodeBuild is {limits.builds}, and the pipeline starts {BUILDS_AT_ONCE} at "
            "once: builds wait for each other, or fail; " + ASK.format(service="AWS CodeBuild", quota=BUILD_QUOTA)
        )
    if _number(parameters, "MemorySize") > NEW_ACCOUNT_MB:
        warnings.append(
            f"--parameter MemorySize={parameters['MemorySize']}: new accounts have {NEW_ACCOUNT_MB} MB for a function, "
            "which Lambda tells only when the function is created"
        )
    return warnings


def _number(parameters: Mapping[str, str], name: str) -> int:
    """The value of a number, 0 where there is none. Raises DeployError for anything else."""
    value = parameters.get(name) or "0"
    if not value.isdecimal():
        raise DeployError(f"--parameter {name}={value} is not a whole number")
    return int(value)
