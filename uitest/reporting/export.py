"""Taking a run along: one HTML file, Allure results, CSV, Markdown, with what lies in the artifacts place."""

import contextlib
import json
import os
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from uitest.config import RunSettings, build_url
from uitest.masking import masked
from uitest.model import JobRow, Run, safe_name
from uitest.reporting.allure import allure_files
from uitest.reporting.csv_table import table_csv
from uitest.reporting.site import Site, artifacts_url
from uitest.reporting.site.comment import Known, comment
from uitest.reporting.site.index import Index
from uitest.reporting.site.job import has_detail, job_detail
from uitest.reporting.site.links import run_folder, safe_href
from uitest.storage.files import FolderPlace, content_type, open_place

TEXT_LIMIT = 200_000
"""Characters of a log or a page source inside the one file; the artifact has the rest."""
FILE_LIMIT = 50_000_000
"""Bytes of pictures and logs inside the one file: beyond it a browser takes long to open it. What follows is named."""
TRACE_LIMIT, TRACES_LIMIT = 5_000_000, 25_000_000
"""Bytes of one trace and of all traces inside the one file."""


class RunExporter:
    """One run with its rows, ready to be written in any form. Every method raises PlaceError."""

    def __init__(self, run: Run, rows: Sequence[JobRow]) -> None:
        self._settings = RunSettings.from_json(run.settings)
        self._secrets = self._settings.secrets(os.environ)
        self._run, self._rows = replace(run, url=masked(run.url, self._secrets)), rows
        self._artifacts = open_place(self._settings.artifacts)

    def csv(self, path: Path) -> None:
        """A line for each job."""
        _write(path, table_csv(self._run, self._rows, time.time()))

    def markdown(self, path: Path, against: str | None = None, base_site: str | None = None) -> None:
        """A comment on a change: what is new beside earlier runs, those of a branch or of another site if named."""
        past = Index(open_place(base_site or self._settings.site)).past(self._run, against)
        site, build = self._settings.site_url, build_url(os.environ)
        link = safe_href(f"{site.rstrip('/')}/{run_folder(self._run.id)}/index.html" if site else build or "")
        _write(path, comment(self._run, self._rows, Known(past, against), time.time(), link))

    def allure(self, folder: Path) -> None:
        """A folder of Allure results."""
        for name, data in allure_files(self._run, self._rows, time.time(), self._artifact):
            _write(folder / name, data)

    def single_file(self, path: Path) -> None:
        """The run's page with everything inside it."""
        now = time.time()
        site = open_place(self._settings.site)
        url = artifacts_url(site.spec, self._settings.artifacts)
        room, traces_room = Room(FILE_LIMIT), Room(TRACES_LIMIT)
        details: dict[str, Any] = {}
        traces: dict[str, Any] = {}
        for row in filter(has_detail, self._rows):
            found = job_detail(row, self._run, now, url, "")
            for number, attempt in found.items():
                read = partial(self._artifact, row.job.key, int(number))
                for place, file in enumerate(attempt["files"]):
                    if file["kind"] != "trace":
                        attempt["files"][place] = embedded(file, read, room)
                        continue
                    name = f"trace-{row.job.key}-{number}"
                    trace = recorded(read(file["name"]), traces_room)
                    kept = {"left_out": trace} if isinstance(trace, str) else {"inside": name}
                    attempt["files"][place] = {"name": file["name"], "kind": "trace", **kept}
                    if not isinstance(trace, str):
                        traces[name] = trace
            details[row.job.key] = found
        page = Site(site, url, self._secrets).single(self._run, self._rows, now, details, traces)
        _write(path, page)

    def _artifact(self, key: str, number: int, name: str) -> bytes | None:
        return self._artifacts.read(f"{safe_name(self._run.id)}/{key}/{number}/{safe_name(name)}")


class Room:
    """How much still fits."""

    def __init__(self, left: int) -> None:
        self._left = left

    def takes(self, size: int) -> bool:
        """Whether so many bytes fit; they are taken if they do."""
        fits = size <= self._left
        self._left -= size if fits else 0
        return fits


def embedded(file: dict[str, Any], read: Callable[[str], bytes | None], room: Room) -> dict[str, Any]:
    """A file of a detail with its content instead of its address, or with the reason why there is none."""
    name, kind = file["name"], file["kind"]
    data = read(name) if kind != "other" else None
    if data is None:
        return {"name": name, "kind": "text", "text": "This file is not part of the page."}
    if not room.takes(len(data)):
        return {"name": name, "kind": "text", "text": "This file is not part of the page: it has grown too big."}
    if kind == "image":
        return {"name": name, "kind": kind, "data": f"data:{content_type(name)};base64,{b64encode(data).decode()}"}
    return {"name": name, "kind": kind, "text": data.decode(errors="replace")[:TEXT_LIMIT]}


def recorded(data: bytes | None, room: Room) -> dict[str, Any] | str:
    """What a trace's file holds, or the sentence that says why it is no part of the page."""
    if data is None:
        return "Its file is gone."
    if len(data) > TRACE_LIMIT or not room.takes(len(data)):
        limits = f"{TRACE_LIMIT // 1_000_000} MB each, {TRACES_LIMIT // 1_000_000} MB in all"
        return f"It is no part of this page: traces are up to {limits}. The artifacts of the run have it."
    with contextlib.suppress(ValueError):
        found = json.loads(data.decode().strip().removeprefix("ui.trace(").removesuffix(");"))
        if isinstance(found, dict):
            return found
    return "Its file is damaged."


def _write(path: Path, data: bytes) -> None:
    FolderPlace(path.parent).write(path.name, data)
