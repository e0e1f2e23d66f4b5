"""Measures a run of a hundred thousand jobs in Lambda, with its pages, on both stores.

As in ``fanout`` the function answers at once, and endpoint, store and coordinator share this machine. A poll is what
the coordinator does between two pauses: read the rows that may have changed, decide, submit. Pages are rendered during
the run, as always, and once more at its end. Each figure is measured once.
"""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.fanout import Figures, run
from bench.part import Conditions, Found
from uitest.local_aws import account
from uitest.local_aws.emulator import emulator

FEW, MANY = 10_000, 100_000
SQLITE, DYNAMODB = "SQLite", "DynamoDB (emulator)"
LIMIT_S = 3_600


def scale(conditions: Conditions) -> Found:
    """Measure the runs. Raises PeerMissing if one is not all green."""
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(TemporaryDirectory(prefix="bench-")))
        account.activate(cleanup.enter_context(emulator()), "http://127.0.0.1/")
        account.create_resources()
        tables = f"dynamodb:{account.MODULE_TABLE},{account.STATUS_TABLE}"
        runs = {
            (store, count): run(count, spec.format(count=count), conditions, "scale", LIMIT_S)
            for store, spec in ((SQLITE, f"sqlite:{folder}/{{count}}.db"), (DYNAMODB, tables))
            for count in (FEW, MANY)
        }
    lines = [
        "Wall time from modules to the last page, once each; every job passed.",
        "",
        "| jobs | store | wall s | longest poll s | median poll s | last pages s | coordinator's processor s | "
        "coordinator's peak memory MB |",
        "|--:|---|--:|--:|--:|--:|--:|--:|",
        *(line(count, store, figures) for (store, count), figures in runs.items()),
    ]
    many = [runs[store, MANY] for store in (SQLITE, DYNAMODB)]
    growth = [runs[store, MANY]["wall_s"] / runs[store, FEW]["wall_s"] for store in (SQLITE, DYNAMODB)]
    figures = {
        "scale.memory": max(figures["peak_mb"] for figures in many),
        "scale.poll": max(figures["longest_poll_s"] for figures in many),
        "scale.linear": max(growth) * FEW / MANY,
    }
    return Found(lines, figures)


def line(count: int, store: str, figures: Figures) -> str:
    """A row of the table."""
    names = ("wall_s", "longest_poll_s", "median_poll_s", "pages_s", "cpu_s")
    seconds = " | ".join(f"{figures[name]:.2f}" for name in names)
    return f"| {count:,} | {store} | {seconds} | {figures['peak_mb']:.0f} |"
