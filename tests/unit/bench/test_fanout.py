"""Thousands of jobs in Lambda, as the measurements make them; here a few."""

from pathlib import Path

import pytest

from bench.fanout import COUNTS, NO_STORE, line, marginal, measured
from bench.peers import PeerMissing


def test_marginal_cost_is_steady_where_time_grows_with_jobs() -> None:
    """A start that costs the same for all runs is in none of the figures."""
    assert marginal([3 + count / 500 for count in COUNTS]) == pytest.approx([2.0, 2.0])


def test_row_has_a_cell_for_each_column() -> None:
    """A row has a cell for each column, and no cost if there is no earlier row to compare with."""
    result = {"plan_s": 0.01, "write_s": 0.2, "rest_s": 3.0, "wall_s": 3.21, "cpu_s": 2.0, "peak_mb": 61.7}
    assert line(1_000, "SQLite", result, None) == "| 1,000 | SQLite | 0.01 | 0.20 | 3.00 | 3.21 |  | 2.0 | 62 |"
    assert " | 0.50 | " in line(1_000, "SQLite", result, 0.5)


def test_measured_parts_add_up_to_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every job passes, by way of the endpoint, and the parts make up the whole."""
    use_fake_account(monkeypatch)
    result = measured("run", 30, f"sqlite:{tmp_path / 'uitest.db'}")
    assert (result["passed"], result["code"]) == (30, 0)
    assert sum(result[part] for part in ("plan_s", "write_s", "rest_s")) == pytest.approx(result["wall_s"])
    assert result["peak_mb"] > 1


def test_run_with_pages_tells_how_long_its_polls_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages are part of the wall time, the last ones are measured apart."""
    use_fake_account(monkeypatch)
    result = measured("scale", 30, f"sqlite:{tmp_path / 'uitest.db'}")
    assert (result["passed"], result["code"]) == (30, 0)
    assert 0 < result["median_poll_s"] <= result["longest_poll_s"] < result["wall_s"]
    assert 0 < result["pages_s"] < result["wall_s"]


@pytest.mark.parametrize("kind", ["dispatch", "bare"])
def test_dispatch_alone_is_measured(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Against an endpoint that needs no store."""
    use_fake_account(monkeypatch)
    assert measured(kind, 30, NO_STORE)["wall_s"] > 0


def test_failed_measurement_tells_the_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line of what went wrong."""
    use_fake_account(monkeypatch)
    with pytest.raises(PeerMissing, match=r"^nothing of 1 jobs failed: KeyError: 'nothing'"):
        measured("nothing", 1, NO_STORE)


def use_fake_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``account.activate`` leaves the environment; the endpoint looks at no signature."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
