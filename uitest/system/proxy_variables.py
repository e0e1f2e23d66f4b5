"""Variables that name a proxy for all programs: ``http_proxy``, ``no_proxy`` and the like."""

from collections.abc import MutableMapping

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def exempt_this_machine(environ: MutableMapping[str, str]) -> None:
    """Have programs reach this machine's own addresses without the proxy that variables name, if they name one.

    Drivers and browsers listen there, and a proxy elsewhere cannot reach them. Selenium, websocket-client, urllib and
    WebKit's inspector would all ask it, unless ``no_proxy`` names this machine.
    """
    if not any(environ.get(name) or environ.get(name.upper()) for name in PROXIES):
        return
    exempt = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    hosts = [host for host in map(str.strip, exempt.split(",")) if host]
    if "*" in hosts:
        return
    for name in ("no_proxy", "NO_PROXY"):  # some programs read the one, some the other
        environ[name] = ",".join(dict.fromkeys([*hosts, *THIS_MACHINE]))
