"""Exports a run with its artifacts: as one HTML file, Allure results, CSV or Markdown."""

import json
import logging
import os
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from uitest import log
from uitest.config import RunSettings, build_url
from uitest.errors import PlaceError
from uitest.masking import masked
from uitest.model import JobRow, Run
from uitest.reporting.formats.allure import allure_files
from uitest.reporting.formats.codebuild_report import codebuild_report
from uitest.reporting.formats.csv_table import table_csv
from uitest.reporting.site import Site, artifacts_url
from uitest.reporting.site.comment import Known, comment
from uitest.reporting.site.history import Past
from uitest.reporting.site.index import Index
from uitest.reporting.site.job import has_detail, job_detail
from uitest.reporting.site.links import run_folder, safe_href
from uitest.short_text import safe_name
from uitest.storage.files import FolderPlace, content_type, open_place

LOGGER = logging.getLogger(__name__)

TEXT_LIMIT = 200_000
"""Characters of a log or page source in the HTML file; the artifact has the rest."""
FILE_LIMIT = 50_000_000
"""Bytes of pictures and logs in the HTML file, as browsers open larger ones slowly. Further files are only named."""
TRACE_LIMIT, TRACES_LIMIT = 5_000_000, 25_000_000
"""Bytes of one trace and of all traces in the HTML file."""


class RunExporter:
    """Writes one run in any of the formats. Every method may raise PlaceError."""

    def __init__(self, run: Run, rows: Sequence[JobRow]) -> None:
        self._settings = RunSettings.from_json(run.settings)
        self._secrets = self._settings.secrets(os.environ)
        self._run, self._rows = replace(run, url=masked(run.url, self._secrets)), rows
        self._artifacts = open_place(self._settings.artifacts)

    def csv(self, path: Path) -> None:
        """Write a CSV file with a line for each job."""
        _write(path, table_csv(self._run, self._rows, time.time()))

    def markdown(self, path: Path) -> None:
        """Write a Markdown comment that compares the run with its base, or else with earlier runs."""
        now = time.time()
        comparison = self._site().comparison(self._run, self._rows, now)
        site, build = self._settings.site_url, build_url(os.environ)
        link = safe_href(f"{site.rstrip('/')}/{run_folder(self._run.id)}/index.html" if site else build or "")
        _write(path, comment(self._run, self._rows, comparison, self._known(), now, link))

    def _known(self) -> Known:
        """The earlier runs of the run's own branch; where the site with them cannot be read, the reason."""
        try:
            return Known(Index(open_place(self._settings.base_site or self._settings.site)).past(self._run))
        except PlaceError as exc:
            LOGGER.warning("earlier runs cannot be read: %s", exc, exc_info=True)
            return Known(Past(), str(exc))

    def _site(self) -> Site:
        """The run's site, to read what it knows and to render a page in one file."""
        site, base = open_place(self._settings.site), self._settings.base_site
        url = artifacts_url(site.spec, self._settings.artifacts)
        return Site(site, url, self._secrets, open_place(base) if base else None)

    def codebuild(self, path: Path) -> None:
        """Write the JUnit file for CodeBuild's report."""
        _write(path, codebuild_report(self._run, self._rows, time.time()))

    def allure(self, folder: Path) -> None:
        """Write Allure results into a folder."""
        for name, data in allure_files(self._run, self._rows, time.time(), self._artifact):
            _write(folder / name, data)

    def single_file(self, path: Path) -> None:
        """Write the run's page as one HTML file that needs no others."""
        now = time.time()
        site = open_place(self._settings.site)
        url = artifacts_url(site.spec, self._settings.artifacts)
        room, traces_room = Room(FILE_LIMIT), Room(TRACES_LIMIT)
        details: dict[str, Any] = {}
        traces: dict[str, Any] = {}
        for row in filter(has_detail, self._rows):
            detail = job_detail(row, self._run, now, url, "")
            for number, attempt in detail.items():
                read = partial(self._artifact, row.job.key, int(number))
                for index, file in enumerate(attempt["files"]):
                    if file["kind"] != "trace":
                        attempt["files"][index] = embedded(file, read, room)
                        continue
                    name = f"trace-{row.job.key}-{number}"
                    trace = recorded(read(file["name"]), traces_room)
                    content = {"left_out": trace} if isinstance(trace, str) else {"inside": name}
                    attempt["files"][index] = {"name": file["name"], "kind": "trace", **content}
                    if not isinstance(trace, str):
                        traces[name] = trace
            details[row.job.key] = detail
        page = self._site().single(self._run, self._rows, now, details, traces)
        _write(path, page)

    def _artifact(self, key: str, number: int, name: str) -> bytes | None:
        """The content of an attempt's file, None if it cannot be read: it may have expired."""
        with log.suppress(LOGGER, f"the file {name} of an attempt cannot be read and is left out", PlaceError):
            return self._artifacts.read(f"{safe_name(self._run.id)}/{key}/{number}/{safe_name(name)}")
        return None


class Room:
    """A number of bytes that are still available."""

    def __init__(self, left: int) -> None:
        self._left = left

    def takes(self, size: int) -> bool:
        """Reserve ``size`` bytes; False if they do not fit."""
        fits = size <= self._left
        self._left -= size if fits else 0
        return fits


def embedded(file: dict[str, Any], read: Callable[[str], bytes | None], room: Room) -> dict[str, Any]:
    """A file of a job's detail with its content instead of its address, or with the reason for its absence."""
    name, kind = file["name"], file["kind"]
    data = read(name) if kind != "other" else None
    if data is None:
        return {"name": name, "kind": "text", "text": "This file is not part of the page."}
    if not room.takes(len(data)):
        return {"name": name, "kind": "text", "text": "This file is not part of the page, which would become too big."}
    if kind == "image":
        return {"name": name, "kind": kind, "data": f"data:{content_type(name)};base64,{b64encode(data).decode()}"}
    return {"name": name, "kind": kind, "text": data.decode(errors="replace")[:TEXT_LIMIT]}


def recorded(data: bytes | None, room: Room) -> dict[str, Any] | str:
    """The trace in a file, or a sentence that says why it is not part of the page."""
    if data is None:
        return "Its file does not exist."
    if len(data) > TRACE_LIMIT or not room.takes(len(data)):
        limits = f"{TRACE_LIMIT // 1_000_000} MB each, {TRACES_LIMIT // 1_000_000} MB in all"
        return f"It is too big for this page (limits: {limits}). It is among the artifacts of the run."
    with log.suppress(LOGGER, "the file of a trace is damaged", ValueError):
        trace = json.loads(data.decode().strip().removeprefix("ui.trace(").removesuffix(");"))
        if isinstance(trace, dict):
            return trace
    return "Its file is damaged."


def _write(path: Path, data: bytes) -> None:
    FolderPlace(path.parent).write(path.name, data)
