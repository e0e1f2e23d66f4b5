"""Text of cases that not every program takes."""

from typing import Any


def sendable(value: Any) -> Any:
    """``value`` with what UTF-8 cannot say (lone surrogates) written as ``\\ud800``, in lists and mappings too."""
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {sendable(key): sendable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(sendable(item) for item in value)
    return value
