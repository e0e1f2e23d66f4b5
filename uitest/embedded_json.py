"""Serialises data for embedding in a page or a script."""

import json


def as_json(value: object) -> str:
    """JSON that is safe inside HTML, as it contains no tags."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
