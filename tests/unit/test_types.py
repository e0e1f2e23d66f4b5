"""The public names, and the page that explains them."""

from pathlib import Path

from uitest import types
from uitest.errors import UitestError

PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text()


def test_every_public_name_is_explained() -> None:
    """The kinds of errors by their base."""
    kinds = {name for name in types.__all__ if isinstance(getattr(types, name), type)
             and issubclass(getattr(types, name), UitestError)}  # fmt: skip
    unexplained = [name for name in types.__all__ if f"`{name}`" not in PAGE and name not in kinds]
    assert unexplained == []
    assert kinds > {"UitestError", "StoreError"}
