"""This machine is reached without a proxy, and nothing else changes."""

import pytest

from uitest.system.proxy_variables import exempt_this_machine

ALL = "127.0.0.1,localhost,::1"


@pytest.mark.parametrize(
    ("environ", "exempt"),
    [
        ({"http_proxy": "http://p:1"}, ALL),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "corp.example, 10.0.0.0/8"}, f"corp.example,10.0.0.0/8,{ALL}"),
        ({"ALL_PROXY": "socks://p:1", "no_proxy": "localhost", "NO_PROXY": "other"}, "localhost,127.0.0.1,::1"),
    ],
)
def test_hosts_of_this_machine_join_those_that_need_no_proxy(environ: dict[str, str], exempt: str) -> None:
    """In both spellings, since programs read one or the other; the lower case counts more, as for curl."""
    exempt_this_machine(environ)
    assert environ["no_proxy"] == environ["NO_PROXY"] == exempt
    again = dict(environ)
    exempt_this_machine(again)
    assert again == environ


@pytest.mark.parametrize("environ", [{}, {"http_proxy": ""}, {"http_proxy": "http://p:1", "no_proxy": "*"}])
def test_variables_stay_where_no_proxy_is_used(environ: dict[str, str]) -> None:
    """Without a proxy, and where nothing goes through it."""
    before = dict(environ)
    exempt_this_machine(environ)
    assert environ == before
