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
    found: dict[str, Keys | None] = {}
    for table in (f"{name}-modules", f"{name}-status"):
        with translating(f"DynamoDB table {table!r}", "dynamodb"):
            keys = _keys(account, table)
        if keys is not None:
            found[f"table {table}"] = keys
    with translating(f"ECR repository {name!r}", "ecr"):
        try:
            account.client("ecr").describe_repositories(repositoryNames=[name])
            found[f"repository {name}"] = None
        except Exception as exc:
            if error_code(exc) != "RepositoryNotFoundException":
                raise
    return found


def _keys(account: Account, table: str) -> Keys | None:
    try:
        about = account.client("dynamodb").describe_table(TableName=table)["Table"]
    except Exception as exc:
        if error_code(exc) == "ResourceNotFoundException":
            return None
        raise
    return [(key["AttributeName"], key["KeyType"]) for key in about["KeySchema"]]


def can_be_used(name: str, found: Mapping[str, Keys | None]) -> bool:
    """Whether a new stack uses what exists; False if nothing does.

    Raises DeployError if it can neither use what exists nor create what is missing.
    """
    if not found:
        return False
    wanted: dict[str, Keys | None] = {
        f"table {name}-modules": MODULE_KEYS, f"table {name}-status": STATUS_KEYS, f"repository {name}": None,
    }  # fmt: skip
    wrong = [one for one, keys in found.items() if keys is not None and list(keys) != list(wanted[one] or ())]
    if wrong:
        raise DeployError(f"{_words(wrong)} exists with other keys than uitest's; remove it, or choose another NAME")
    missing = [one for one in wanted if one not in found]
    if missing:
        raise DeployError(
            f"{_words(list(found))} exists already, but not {_words(missing)}: neither can the stack {name} use what "
            f"exists nor create the rest; remove it with: uitest destroy {name} --everything, or choose another NAME"
        )
    return True


def _words(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
