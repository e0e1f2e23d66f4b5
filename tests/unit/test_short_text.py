"""Any text has a name that is safe anywhere, and no other text has it."""

from hypothesis import given

from tests.support.properties import SAFE, ids, quick
from uitest.short_text import safe_name


@quick
@given(ids)
def test_safe_name_is_safe(text: str) -> None:
    """Any text becomes a short ASCII name that is no path, no hidden file and no option of its own."""
    name = safe_name(text)
    assert SAFE.fullmatch(name)
    assert len(name) <= 100


@quick
@given(ids, ids)
def test_safe_names_stay_apart(first: str, second: str) -> None:
    """Different texts have different names, and a name is never another text's."""
    if first != second:
        assert safe_name(first) != safe_name(second)
    if safe_name(first) != first:
        assert safe_name(safe_name(first)) != safe_name(first)


def test_safe_names_are_not_changed() -> None:
    """What is safe already is not touched, so that people find their run by its id."""
    for name in ("r1", "20261123-211727-ab12", "a.b_c-D"):
        assert safe_name(name) == name
