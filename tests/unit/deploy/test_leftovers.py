"""What an earlier stack left."""

import pytest

from uitest.deploy import leftovers
from uitest.errors import DeployError
from uitest.storage.stores.tables import MODULE_KEYS, STATUS_KEYS

ALL = {"table s-modules": MODULE_KEYS, "table s-status": STATUS_KEYS, "repository s": None}


def test_existing_resources_are_used_all_or_none() -> None:
    """A new stack uses what exists, or creates it."""
    assert leftovers.can_be_used("s", ALL) is True
    assert leftovers.can_be_used("s", {}) is False


def test_partial_leftovers_are_one_line() -> None:
    """Is named in one line, with what to do."""
    with pytest.raises(DeployError) as caught:
        leftovers.can_be_used("s", {"repository s": None})
    message = str(caught.value)
    assert message.startswith("repository s exists already, but not table s-modules and table s-status: ")
    assert message.endswith("uitest destroy s --everything, or choose another NAME")


def test_table_with_other_keys_is_not_used() -> None:
    """With other keys it is not used."""
    with pytest.raises(DeployError, match=r"^table s-status exists with other keys than uitest's"):
        leftovers.can_be_used("s", {**ALL, "table s-status": [("id", "HASH")]})
