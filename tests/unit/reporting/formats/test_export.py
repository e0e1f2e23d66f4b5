"""A run in other forms."""

import csv
import io
import json
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import traces
from tests.support.samples import HOSTILE, NOW, attempt, every_outcome, header, hostile, row
from uitest.errors import PlaceError
from uitest.model import JobRow, Run, RunState, Verdict
from uitest.reporting.formats import export
from uitest.reporting.formats.allure import allure_files
from uitest.reporting.formats.csv_table import COLUMNS, table_csv
from uitest.reporting.formats.export import TRACE_LIMIT, TRACES_LIMIT, Room, RunExporter, embedded, recorded
from uitest.reporting.site import Site
from uitest.storage.files import FolderPlace


def nothing(key: str, number: int, name: str) -> None:
    """No artifact is there any more."""


def results(run: Run, rows: list[JobRow]) -> list[dict[str, object]]:
    """The Allure results of a run."""
    return [json.loads(data) for name, data in allure_files(run, rows, NOW, nothing) if name.endswith("-result.json")]


def test_allure_has_a_result_for_each_attempt() -> None:
    """Attempts of a job share a history; jobs that nobody began are unknown, never left out."""
    result = results(*every_outcome(RunState.FINISHED))
    assert [item["status"] for item in result if item["name"] == "is_flaky"] == ["failed", "passed"]
    assert len({item["historyId"] for item in result if item["name"] == "is_flaky"}) == 1
    assert [item["status"] for item in result if item["name"] in ("errors", "is_lost")] == ["broken", "broken"]
    assert [item["status"] for item in result if item["name"] == "waits"] == ["unknown"]
    assert len({item["uuid"] for item in result}) == len(result)
    assert all(item["stop"] >= item["start"] for item in result)  # type: ignore[operator]


def test_allure_has_the_artifacts() -> None:
    """Each attachment is a file of the folder, with a name that no artifact can choose."""
    run, rows = hostile()
    files = dict(allure_files(run, rows, NOW, lambda _key, _number, name: name.encode("utf-8", "replace")))
    for name, data in files.items():
        assert re.fullmatch(r"[0-9a-f-]{36}-(result\.json|attachment(\.\w+)?)|environment\.properties", name)
        if name.endswith("-result.json"):
            for attachment in json.loads(data)["attachments"]:
                assert files[attachment["source"]] == attachment["name"].encode("utf-8", "replace")


def test_csv_has_a_line_for_each_job() -> None:
    """Columns as promised; what looks like a formula is none."""
    run, rows = every_outcome()
    rows.append(row("=1+1", attempt(1, Verdict.FAILED, error="-2+3 cmd|' /C calc'!A0")))
    lines = list(csv.reader(io.StringIO(table_csv(run, rows, NOW).decode())))
    assert tuple(lines[0]) == COLUMNS
    assert len(lines) == len(rows) + 1
    assert lines[1][:6] == ["login", "passes", "chrome", "passed", "1", "2.345"]
    assert lines[-1][1].startswith("'=")
    assert lines[-1][-1].startswith("'-")


def test_csv_of_hostile_texts() -> None:
    """Read back as they were."""
    run, rows = hostile()
    lines = list(csv.reader(io.StringIO(table_csv(run, rows, NOW).decode(), newline="")))
    assert [line[1] for line in lines[1:]] == list(HOSTILE)


@pytest.mark.parametrize("room", [100, 3])
def test_files_inside_the_page(room: int) -> None:
    """Pictures as data, texts as text; what is gone, or does not fit, is told."""
    read = {"a.png": b"PNG!", "b.log": b"said"}.get
    space = Room(room)
    fits = room == 100
    assert ("data" in embedded({"name": "a.png", "kind": "image"}, read, space)) is fits
    assert (embedded({"name": "b.log", "kind": "text"}, read, space)["text"] == "said") is fits
    assert "not part" in embedded({"name": "c.log", "kind": "text"}, read, space)["text"]
    assert "not part" in embedded({"name": "d.html", "kind": "other"}, read, space)["text"]


def test_traces_inside_the_page() -> None:
    """What their files hold, up to a limit for each and for all; else the reason."""
    room = Room(TRACES_LIMIT)
    shop = traces.script(traces.shop())
    assert recorded(shop, room) == traces.shop()
    for data, why in (
        (None, "does not exist"),
        (b"alert(1)", "damaged"),
        (b"ui.trace([1]);\n", "damaged"),
        (b"ui.trace(\xff);", "damaged"),
        (b" " * (TRACE_LIMIT + 1), "limits: 5 MB each, 25 MB in all"),
    ):
        assert why in str(recorded(data, room))
    assert "limits" in recorded(shop, Room(len(shop) - 1))


def test_every_format_is_written(tmp_path: Path) -> None:
    """Each format is written as a file, from the artifacts place in the run's settings."""
    run, rows = every_outcome(RunState.FINISHED)
    settings = {
        "site": str(tmp_path / "site"),
        "artifacts": str(tmp_path / "artifacts"),
        "site_url": "https://p.example/",
    }
    FolderPlace(settings["artifacts"]).write(f"{run.id}/{rows[3].job.key}/2/console.log", b"the last word")
    luggage = RunExporter(replace(run, settings=settings), rows)
    luggage.csv(tmp_path / "out" / "r.csv")
    luggage.markdown(tmp_path / "out" / "r.md")
    luggage.allure(tmp_path / "out" / "allure")
    luggage.single_file(tmp_path / "out" / "r.html")
    assert "the last word" in (tmp_path / "out" / "r.html").read_text()
    assert f"(<https://p.example/runs/{run.id}/index.html>)" in (tmp_path / "out" / "r.md").read_text()
    assert any(path.read_bytes() == b"the last word" for path in (tmp_path / "out" / "allure").iterdir())
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"r.csv", "r.md", "allure", "r.html"}


def test_comment_compares_with_the_site_of_the_base_branch(tmp_path: Path) -> None:
    """That of the branch a change is for: its runs, and nobody else's."""
    base, now = FolderPlace(str(tmp_path / "base")), time.time()
    for name, branch, verdict in (("r1", "main", Verdict.FAILED), ("r2", "other", Verdict.PASSED)):
        rows = [row("a", attempt(1, verdict))]
        earlier = header(rows, id=name, started_at=NOW - 900, finished_at=NOW - 800, settings={"branch": branch})
        Site(base, "artifacts/").run(earlier, rows, now)
    rows = [row("a", attempt(1, Verdict.FAILED))]
    settings = {"site": str(tmp_path / "site"), "artifacts": str(tmp_path / "artifacts"), "base_site": base.spec}

    def comment(against: str | None) -> str:
        exporter = RunExporter(header(rows, settings={**settings, "against": against}), rows)
        exporter.markdown(tmp_path / "r.md")
        exporter.single_file(tmp_path / "r.html")
        text = (tmp_path / "r.md").read_text()
        assert ("Red on the base too: 1" in text) == ('"g":"red_on_base"' in (tmp_path / "r.html").read_text())
        return text

    assert "### Red on the base too: 1" in comment("main")
    assert "### Broken by this change: 1" in comment("other")
    assert "no earlier finished run of release" in comment("release")
    assert "Compared with 2 earlier runs." in comment(None)


class DeniedPlace(FolderPlace):
    """A folder in which S3's answer to some names is "access denied", as it is for expired files."""

    denied = "(?!)"

    def read(self, name: str) -> bytes | None:
        """As from S3."""
        if re.search(self.denied, name):
            raise PlaceError(f"access denied to {name}")
        return super().read(name)

    def versions(self, prefix: str) -> dict[str, str]:
        """As from S3."""
        if re.search(self.denied, prefix):
            raise PlaceError(f"access denied to {prefix}")
        return super().versions(prefix)


@pytest.mark.parametrize(
    ("denied", "sentence"),
    [
        ("runs/r1/outcomes", "Compared with 1 earlier run; 1 more cannot be read."),
        ("index/r1", "Compared with 1 earlier run."),
        ("outcomes", "2 earlier runs cannot be read, so every failure counts as new."),
        ("^index/$", "Earlier runs cannot be read, so every failure counts as new: access denied to index/."),
    ],
)
def test_files_that_cannot_be_read_do_not_cost_the_comment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, denied: str, sentence: str
) -> None:
    """Neither one of them nor all; nor do files of attempts cost the page."""
    place = DeniedPlace(tmp_path / "site")
    for name in ("r1", "r2"):
        earlier = header([], id=name, started_at=NOW - 900, settings={"branch": "main"})
        Site(place, "artifacts/").run(earlier, [row("a", attempt())], time.time())
    rows = [row("a", attempt(1, Verdict.FAILED))]
    settings = {"site": place.spec, "artifacts": str(tmp_path / "artifacts"), "branch": "main"}
    place.denied = f"{denied}|screenshot"
    monkeypatch.setattr(export, "open_place", lambda _spec: place)
    exporter = RunExporter(header(rows, settings=settings), rows)
    exporter.markdown(tmp_path / "r.md")
    assert sentence in (tmp_path / "r.md").read_text()
    exporter.allure(tmp_path / "allure")
