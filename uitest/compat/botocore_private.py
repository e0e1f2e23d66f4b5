"""The private part of botocore that uitest depends on: the loader of its service descriptions."""

from functools import cache
from typing import Any

from uitest.compat.features import Feature, warn

DESCRIPTIONS = Feature(
    "botocore", "its descriptions of services", "each AWS client loads them again, which takes longer"
)

LOADER = "data_loader"
"""The name of the component that reads descriptions and remembers them."""


def share_descriptions(session: Any) -> None:
    """Make a ``botocore.session.Session`` reuse loaded descriptions: a client takes 10 ms instead of 50 to 150."""
    try:
        session.register_component(LOADER, _loader())
    except (AttributeError, ValueError):
        warn(DESCRIPTIONS)


@cache
def _loader() -> Any:
    import botocore.session

    return botocore.session.Session().get_component(LOADER)
