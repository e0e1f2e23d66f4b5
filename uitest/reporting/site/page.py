"""Renders a page: a template that shows the verdict, the data of the page, and scripts that draw the rest.

The data is inside the page, so that it needs one request and opens from ``file://`` as well; updates are small JSON
files. Trade-off: without JavaScript only the verdict, the numbers and the failed jobs are shown.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import islice
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from uitest.embedded_json import as_json
from uitest.reporting.site import wording
from uitest.reporting.site.comparison import BAD
from uitest.reporting.site.wording import legible

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
SCRIPTS = ("dom.js", "draw.js", "filter.js", "keys.js", "live.js")
PAGES = {
    "home": (*SCRIPTS, "home-findings.js", "home.js"),
    "run": (*SCRIPTS, "review.js", "matrix.js", "timeline.js", "trace.js", "case.js", "compare.js", "run.js"),
    "trace": ("dom.js", "keys.js", "trace.js", "trace-alone.js"),
}
"""The scripts of each kind of page, in order of dependency."""
_TRACE_PARTS = ("recording", "find", "play", "prompt", "versus", "film", "steps", "snapshot", "stage", "facts")
LATER = tuple(f"trace-{part}.js" for part in _TRACE_PARTS)
"""Scripts that are loaded when somebody opens a trace, which saves their requests for the run's page."""

ASSETS = ("style.css", "logo.svg", *dict.fromkeys((*(name for names in PAGES.values() for name in names), *LATER)))


def assets() -> dict[str, bytes]:
    """The asset files of every site, by name."""
    folder = files("uitest.status_site")
    return {name: folder.joinpath(name).read_bytes() for name in ASSETS}


def policy(*, scripts: str = "'self'", styles: str = "'self'", origin: str = "") -> str:
    """The Content-Security-Policy of a page, which allows only the site's own files and artifacts from ``origin``."""
    more = f" {origin}" if origin else ""
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src 'self' data:{more}; "
        f"frame-src 'self'{more}; connect-src 'self'; base-uri 'none'; form-action 'none'"
    )


DATA_MARK = b'id="data">'
"""What a page's data follow; no text in a page can look like it, as quotes are escaped there."""
PLAIN_FAILURES = 200
"""Number of failed jobs that a page lists for readers without JavaScript."""

SERVED = policy(origin="https:") + "; frame-ancestors 'self'"
"""The policy that a server should send for every file of a site; artifacts in another bucket are loaded by https."""


class Pages:
    """Fills the page template."""

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

    def linked(self, kind: str, view: Mapping[str, Any], data: bytes, root: str) -> bytes:
        """A page of the site, which links to its assets.

        ``data`` is the view as ``as_json`` writes it, ``root`` is the relative address of the site's root.
        """
        later = LATER if kind == "run" else ()
        header = policy(origin=self._origin)
        return self._render(kind, view, data, root, policy=header, scripts=PAGES[kind], later=later)

    def single(
        self, view: Mapping[str, Any], details: Mapping[str, Any], traces: Mapping[str, Any] | None = None
    ) -> bytes:
        """A run as one self-contained file with styles, scripts, details, pictures and ``traces``.

        The keys of ``traces`` are the names that files of the details have as ``inside``.
        """
        embedded = {name: as_json(trace) for name, trace in (traces or {}).items()}
        return self._single_file("run", view, details=as_json(details), traces=embedded)

    def trace(self, data: Mapping[str, Any]) -> bytes:
        """A trace as one self-contained file, to be opened from disk."""
        return self._single_file("trace", {"legend": [], "trace": data})

    def _single_file(self, kind: str, view: Mapping[str, Any], **more: Any) -> bytes:
        first, *rest = PAGES[kind]
        scripts = [self._assets[name].decode() for name in (first, *LATER, *rest)]
        style = self._assets["style.css"].decode()
        header = policy(scripts=" ".join(map(_hash, scripts)), styles=_hash(style))
        icon = "data:image/svg+xml;base64," + b64encode(self._assets["logo.svg"]).decode()
        data = as_json(view).encode()
        return self._render(kind, view, data, "", policy=header, icon=icon, style=style, inline=scripts, **more)

    def _render(self, kind: str, view: Mapping[str, Any], data: bytes, root: str, **more: Any) -> bytes:
        shown = view if kind == "run" else (view.get("runs") or [None])[view.get("first", 0)]
        variables = {
            "scripts": (),
            "later": (),
            "inline": (),
            "style": None,
            "details": None,
            "traces": {},
            "icon": None,
            "failures": list(islice(_failures(view), PLAIN_FAILURES)) if kind == "run" else (),
            **more,
        }
        page = legible(self._shell.render(kind=kind, root=root, shown=shown, **variables))
        # Put in as bytes, as a template would copy the data of a large run several times.
        before, mark, after = page.partition(DATA_MARK)
        return b"".join((before, mark, data, after))


def _failures(view: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The jobs of a run that failed, for readers without JavaScript."""
    for job in view["jobs"]:
        if job["o"] in BAD:
            name = f"{view['modules'][job['m']]['name']} › {job['c']}"
            met_in = view["same_as"][job["e"]] if "e" in job else None
            yield {
                "outcome": job["o"],
                "name": name,
                "browser": view["browsers"][job["b"]],
                "error": job.get("x", ""),
                "same_as": None if met_in is None else view["same_runs"][met_in],
            }


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
