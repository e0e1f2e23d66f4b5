"""A page: a shell that shows the verdict by itself, its data inside, scripts that draw the rest.

The data is in the page, so that one request shows it and a folder opens from ``file://``; what is asked for later is
small JSON beside it. Given up: reading more than the verdict and the numbers without JavaScript.
"""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from uitest.embedded_json import as_json
from uitest.reporting.site import wording
from uitest.reporting.site.wording import legible

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
SCRIPTS = ("dom.js", "draw.js", "filter.js", "keys.js", "live.js")
PAGES = {
    "home": (*SCRIPTS, "home.js"),
    "run": (*SCRIPTS, "review.js", "matrix.js", "timeline.js", "trace.js", "case.js", "run.js"),
    "trace": ("dom.js", "keys.js", "trace.js", "trace-alone.js"),
}
"""The scripts of each kind of page, in the order in which they need each other."""
LATER = tuple(f"trace-{part}.js" for part in ("recording", "film", "steps", "snapshot", "stage", "facts"))
"""Scripts that a page asks for when somebody opens a trace: six requests less before a run is seen."""

ASSETS = ("style.css", "logo.svg", *dict.fromkeys((*(name for names in PAGES.values() for name in names), *LATER)))


def assets() -> dict[str, bytes]:
    """The files every site has, by name."""
    folder = files("uitest.status_site")
    return {name: folder.joinpath(name).read_bytes() for name in ASSETS}


def policy(*, scripts: str = "'self'", styles: str = "'self'", origin: str = "") -> str:
    """The Content-Security-Policy of a page: nothing but our own files, and artifacts from ``origin``."""
    more = f" {origin}" if origin else ""
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src 'self' data:{more}; "
        f"frame-src 'self'{more}; connect-src 'self'; base-uri 'none'; form-action 'none'"
    )


SERVED = policy(origin="https:") + "; frame-ancestors 'self'"
"""What a server should say of every file of a site: artifacts that are in a bucket of their own come by https."""


class Pages:
    """Fills the shell."""

    def __init__(self, image_origin: str = "") -> None:
        self._assets = assets()
        self._origin = image_origin
        version = hashlib.sha256(b"".join(self._assets.values())).hexdigest()[:10]
        environment = Environment(
            loader=PackageLoader("uitest.status_site", "."),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.globals.update(version=version, words=wording)
        self._shell = environment.get_template("page.html")

    def linked(self, kind: str, view: Mapping[str, Any], root: str) -> bytes:
        """A page of the site; ``root`` leads from it to the site's root."""
        said = policy(origin=self._origin)
        return self._filled(kind, view, root, policy=said, scripts=PAGES[kind], later=LATER if kind == "run" else ())

    def single(
        self, view: Mapping[str, Any], details: Mapping[str, Any], traces: Mapping[str, Any] | None = None
    ) -> bytes:
        """A run as one file that needs no other: styles, scripts, details, pictures and ``traces`` are inside.

        Traces are kept by the name under which a file of the details has them ``inside``.
        """
        kept = {name: as_json(trace) for name, trace in (traces or {}).items()}
        return self._alone("run", view, details=as_json(details), traces=kept)

    def trace(self, data: Mapping[str, Any]) -> bytes:
        """A trace as one file that needs no other, opened from disk."""
        return self._alone("trace", {"legend": [], "trace": data})

    def _alone(self, kind: str, view: Mapping[str, Any], **more: Any) -> bytes:
        first, *rest = PAGES[kind]
        scripts = [self._assets[name].decode() for name in (first, *LATER, *rest)]
        style = self._assets["style.css"].decode()
        inside = policy(scripts=" ".join(map(_hash, scripts)), styles=_hash(style))
        icon = "data:image/svg+xml;base64," + b64encode(self._assets["logo.svg"]).decode()
        return self._filled(kind, view, "", policy=inside, icon=icon, style=style, inline=scripts, **more)

    def _filled(self, kind: str, view: Mapping[str, Any], root: str, **more: Any) -> bytes:
        shown = view if kind == "run" else (view.get("runs") or [None])[0]
        given = {
            "scripts": (),
            "later": (),
            "inline": (),
            "style": None,
            "details": None,
            "traces": {},
            "icon": None,
            **more,
        }
        return legible(self._shell.render(kind=kind, root=root, data=as_json(view), shown=shown, **given))


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
