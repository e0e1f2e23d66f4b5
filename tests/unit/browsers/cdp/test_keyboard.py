"""Characters as key strokes."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.properties import quick
from uitest.browsers.cdp.keyboard import strokes


@quick
@given(st.text(alphabet=string.ascii_letters + string.digits + string.punctuation + " ", min_size=1))
def test_strokes_type_the_text_and_release_every_key(text: str) -> None:
    """The strokes type the text, each key goes down once and up once, and shift is let go of."""
    events = strokes(text)
    assert events is not None
    assert "".join(event["text"] for event in events if event["type"] == "char") == text
    down: list[str] = []
    for event in events:
        if event["type"] == "rawKeyDown":
            down.append(event["code"])
        elif event["type"] == "keyUp":
            assert down.pop() == event["code"]
        assert event.get("modifiers", 0) == (8 if "ShiftLeft" in down and event["code"] != "ShiftLeft" else 0) or (
            event["type"] == "keyUp"
        )
    assert down == []


@pytest.mark.parametrize("text", ["é", "a\n", "\ue007", "\t", "ab\ue008"])
def test_other_characters_are_left_to_the_driver(text: str) -> None:
    """Anything but visible ASCII and spaces is left to the driver, whole."""
    assert strokes(text) is None
