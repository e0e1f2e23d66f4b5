"""Data that stands inside a page or a script."""

import json


def as_json(value: object) -> str:
    """JSON that can stand inside HTML: nothing in it opens or closes a tag."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
