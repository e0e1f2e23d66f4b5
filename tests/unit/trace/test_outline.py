"""How the accessibility tree of a page is written: a line for each element, masked before anything is joined or cut."""

from uitest.masking import masked
from uitest.trace.outline import CUT, LINE_LIMIT, OUTLINE_LIMIT, outline


def mask(text: str) -> str:
    """Hides one secret, which has two spaces in a row."""
    return masked(text, ("two  spaces",))


def test_outline_has_a_line_for_each_element() -> None:
    """Its depth, role, name, states and value; a name with quotes stays in one line."""
    lines = [
        [0, "heading", " Tools \n of  today ", ["level=1"], ""],
        [0, "list", "", [], ""],
        [1, "button", 'say "no"', ["disabled", "focused"], ""],
        [1, "textbox", "Name", [], "Ada"],
        [1, "text", "", [], "a two  spaces b"],
    ]
    assert outline({"lines": lines, "isCut": False}, mask).splitlines() == [
        '- heading "Tools of today" [level=1]',
        "- list",
        '  - button "say \\"no\\"" [disabled] [focused]',
        '  - textbox "Name": Ada',
        "  - text: a *** b",
    ]


def test_long_outline_is_cut_after_it_was_masked() -> None:
    """Long texts, long outlines, and pages of which a part only was read."""
    for before in range(LINE_LIMIT - 15, LINE_LIMIT):
        line = outline({"lines": [[0, "text", "", [], "x" * before + "two  spaces" + "y" * 400]], "isCut": False}, mask)
        assert "two" not in line
        assert len(line) <= LINE_LIMIT + 10
    many = outline({"lines": [[0, "text", "", [], "x" * 100]] * 1_000, "isCut": False}, mask)
    assert len(many) <= OUTLINE_LIMIT + len(CUT) + 1
    assert many.endswith(CUT)
    assert outline({"lines": [], "isCut": True}, mask) == CUT
