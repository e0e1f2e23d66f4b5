"""Escapes text that cannot be encoded."""

from typing import Any


def sendable(value: Any) -> Any:
    """``value`` with lone surrogates, which UTF-8 cannot encode, written as ``\\ud800``, also in lists and mappings."""
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {sendable(key): sendable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(sendable(item) for item in value)
    return value
