"""Who owns a quarantined case: its row, its module, or CODEOWNERS."""

import pytest

from uitest.jobs.owners import code_owners, owned
from uitest.model import Module
from uitest.quarantine import Quarantine

CODEOWNERS = """
# comment
*                    @everybody
*.feature            @writers
/cases/shop/         @shop  # a remark
cases/**/test_pay.py @payments pay@example.com
admin                @admins
docs/*               @docs
/cases/free.py

[Section]
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("cases/test_home.py", "@everybody"),
        ("deep/down/a.feature", "@writers"),
        ("cases/shop/test_cart.py", "@shop"),
        ("cases/shop/deep/test_cart.py", "@shop"),
        ("other/cases/shop/test_cart.py", "@everybody"),
        ("cases/shop/test_pay.py", "@payments pay@example.com"),
        ("cases/test_pay.py", "@payments pay@example.com"),
        ("cases/admin/test_users.py", "@admins"),
        ("docs/a.md", "@docs"),
        ("docs/deep/a.md", "@everybody"),
        ("cases/free.py", ""),
    ],
)
def test_last_pattern_that_matches_counts(path: str, owners: str) -> None:
    """Folders, wildcards and names at any depth, and a pattern that takes the owners away."""
    assert code_owners(CODEOWNERS)(path) == owners


def test_owner_is_of_the_row_then_of_the_module_then_of_the_file() -> None:
    """Several are named once each; a row about an error alone, and a case that nobody has, have none."""
    modules = [Module("m", ("a", "ab"), tags=("slow", "owner:@m")), Module("n", ("ab",), tags=("owner:@n",))]
    files = {"a": "f/a.py", "ab": "f/ab.py", "c": "f/c.py", "ca": "f/ca.py"}

    def owner(**fields: str) -> str:
        return owned(Quarantine("2026-12-31", **fields), modules, files, code_owners("f/ @f\nf/ca.py @g\n")).owner

    assert owner(case="a", owner="@me") == "@me"
    assert owner(case="a") == "@m"
    assert owner(case="a*") == "@m, @n"
    assert owner(case="c") == "@f"
    assert owner(case="c*") == "@f, @g"
    assert owner(case="z") == ""
    assert owner(error="e") == ""
