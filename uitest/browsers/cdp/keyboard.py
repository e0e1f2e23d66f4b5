"""Converts characters to the DevTools key events of a US keyboard, as chromedriver does."""

import string
from typing import Any

SHIFT = 8
"""DevTools' bit for the modifier."""

UNSHIFTED, SHIFTED = "`1234567890-=[]\\;',./", '~!@#$%^&*()_+{}|:"<>?'
CODES = (
    "Backquote", *(f"Digit{digit}" for digit in "1234567890"), "Minus", "Equal", "BracketLeft", "BracketRight",
    "Backslash", "Semicolon", "Quote", "Comma", "Period", "Slash",
)  # fmt: skip
VIRTUAL = (192, *map(ord, "1234567890"), 189, 187, 219, 221, 220, 186, 222, 188, 190, 191)
"""Windows' virtual key codes, which ``KeyboardEvent.keyCode`` shows."""


def _layout() -> dict[str, tuple[str, str, int]]:
    """For each character: what its key types without shift, the key's code, and its virtual key code."""
    keys = {letter: (letter.lower(), f"Key{letter.upper()}", ord(letter.upper())) for letter in string.ascii_letters}
    keys[" "] = (" ", "Space", 32)
    for plain, shifted, code, virtual in zip(UNSHIFTED, SHIFTED, CODES, VIRTUAL, strict=True):
        keys[plain] = keys[shifted] = (plain, code, virtual)
    return keys


LAYOUT = _layout()


def strokes(text: str) -> list[dict[str, Any]] | None:
    """Parameters of ``Input.dispatchKeyEvent``, in order; None for text with anything but visible ASCII and spaces."""
    if any(character not in LAYOUT for character in text):
        return None
    return [event for character in text for event in _stroke(character)]


def _stroke(character: str) -> list[dict[str, Any]]:
    plain, code, virtual = LAYOUT[character]
    shifted = character != plain
    key = {
        "key": character,
        "code": code,
        "windowsVirtualKeyCode": virtual,
        "text": character,
        "unmodifiedText": plain,
        "modifiers": SHIFT if shifted else 0,
    }
    typed = [{"type": kind, **key} for kind in ("rawKeyDown", "char", "keyUp")]
    return [_shift("rawKeyDown"), *typed, _shift("keyUp")] if shifted else typed


def _shift(kind: str) -> dict[str, Any]:
    return {"type": kind, "key": "Shift", "code": "ShiftLeft", "windowsVirtualKeyCode": 16, "modifiers": 0}
