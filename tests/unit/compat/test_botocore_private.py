"""botocore's descriptions of services are read once for all clients; without its loader for each."""

from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest

from uitest.compat import botocore_private, features


def test_botocore_is_as_known() -> None:
    """Two sessions share one loader, which botocore asks."""
    sessions = [botocore.session.Session(), botocore.session.Session()]
    for session in sessions:
        botocore_private.share_descriptions(session)
    first, second = (session.get_component("data_loader") for session in sessions)
    assert first is second
    assert "sqs" in sessions[0].get_available_services()
    assert first.load_service_model("sqs", "service-2") is second.load_service_model("sqs", "service-2")


def test_unknown_botocore_warns_and_uses_its_own_client() -> None:
    """One warning, and the client is made with its own."""
    features.forget()
    session: Any = SimpleNamespace()
    with pytest.warns(UserWarning, match=r"^botocore \d\S+ does not .*each AWS client loads them"):
        botocore_private.share_descriptions(session)
    features.forget()
