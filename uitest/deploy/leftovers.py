"""Tables and repository that an earlier stack of the same name left: whether the new stack can use them.

Their names are fixed, so a stack that would create them again fails. CloudFormation cannot import resources into nested
stacks, so the new stack is told to use what exists (the parameter ExistingStorage).
"""

from collections.abc import Mapping, Sequence

from uitest.deploy.account import Account, error_code, translating
from uitest.errors import DeployError
from uitest.storage.stores.tables import MODULE_KEYS, STATUS_KEYS

Keys = Sequence[tuple[str, str]]


def find(account: Account, name: str) -> dict[str, Keys | None]:
    """What exists: keys of tables, None for the repository; by a name for messages. Raises DeployError."""
    existing: dict[str, Keys | None] = {}
    for table in (f"{name}-modules", f"{name}-status"):
        with translating(f"DynamoDB table {table!r}", "dynamodb"):
            keys = _keys(account, table)
        if keys is not None:
            existing[f"table {table}"] = keys
    with translating(f"ECR repository {name!r}", "ecr"):
        try:
            account.client("ecr").describe_repositories(repositoryNames=[name])
            existing[f"repository {name}"] = None
        except Exception as exc:
            if error_code(exc) != "RepositoryNotFoundException":
                raise
    return existing


def _keys(account: Account, table: str) -> Keys | None:
    try:
        about = account.client("dynamodb").describe_table(TableName=table)["Table"]
    except Exception as exc:
        if error_code(exc) == "ResourceNotFoundException":
            return None
        raise
    return [(key["AttributeName"], key["KeyType"]) for key in about["KeySchema"]]


def can_be_used(name: str, existing: Mapping[str, Keys | None]) -> bool:
    """Whether a new stack uses what exists; False if nothing does.

    Raises DeployError if it can neither use what exists nor create what is missing.
    """
    if not existing:
        return False
    wanted: dict[str, Keys | None] = {
        f"table {name}-modules": MODULE_KEYS, f"table {name}-status": STATUS_KEYS, f"repository {name}": None,
    }  # fmt: skip
    wrong = [
        resource
        for resource, keys in existing.items()
        if keys is not None and list(keys) != list(wanted[resource] or ())
    ]
    if wrong:
        raise DeployError(f"{_words(wrong)} exists with other keys than uitest's; remove it, or choose another NAME")
    missing = [resource for resource in wanted if resource not in existing]
    if missing:
        raise DeployError(
            f"{_words(list(existing))} exists already, but not {_words(missing)}: {name} can neither use what "
            f"exists nor create the rest; remove it with: uitest destroy {name} --everything, or choose another NAME"
        )
    return True


def _words(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
