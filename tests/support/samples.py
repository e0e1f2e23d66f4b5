"""Sample runs, built with the real model: one of every outcome, a hostile one, big ones."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from uitest.jobs.outcome import count, fold
from uitest.model import Attempt, Job, JobRow, Outcome, Run, RunState, Verdict
from uitest.quarantine import Quarantine

NOW = 1_760_000_000.0
"""2025-10-09 08:53:20 UTC; every sample is seen at this time."""

TRACE = """    def test_checkout(driver, base_url):
        driver.get(base_url + "/cart")
>       assert driver.find_element(By.ID, "total").text == "42.00 EUR"
E       AssertionError: assert '41.99 EUR' == '42.00 EUR'

cases/test_cart.py:17: AssertionError"""

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "</pre></title><svg onload=alert(1)>",
    "../../../etc/passwd",
    "שלום \u202e tfel",
    "😀 émoji ＆ &amp; &#x3c;",
    "x" * 300,
    "a b/c?d#e%2f:f",
)
"""Texts that break pages which do not escape."""


class MemoryPlace:
    """A place for files that keeps them in ``files`` and every written name, in order, in ``log``."""

    spec = "memory:"

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.log: list[str] = []

    def write(self, name: str, data: bytes, content_type: str | None = None) -> None:
        """Keep the file."""
        self.files[name] = data
        self.log.append(name)

    def read(self, name: str) -> bytes | None:
        """What was written last."""
        return self.files.get(name)

    def names(self, prefix: str) -> list[str]:
        """All names with the prefix."""
        return sorted(name for name in self.files if name.startswith(prefix))

    def versions(self, prefix: str) -> dict[str, str]:
        """All names with the prefix, with a digest of each."""
        return {name: hashlib.sha256(self.files[name]).hexdigest() for name in self.names(prefix)}

    def delete(self, prefix: str) -> None:
        """Forget what has the prefix."""
        for name in self.names(prefix):
            del self.files[name]


def attempt(number: int = 1, verdict: Verdict = Verdict.PASSED, **changes: object) -> Attempt:
    """A finished attempt; failed ones and errors come with what a worker reports."""
    facts: dict[str, object] = {
        "owner": f"worker-{number}",
        "started_at": NOW - 300 + 20 * number,
        "duration_s": 2.345,
        "browser_version": "140.0.1",
    }
    if verdict is Verdict.FAILED:
        facts |= {
            "error": "AssertionError: assert '41.99 EUR' == '42.00 EUR'",
            "detail": TRACE,
            "artifacts": ("screenshot.png", "page.html", "console.log"),
        }
    if verdict is Verdict.ERROR:
        facts |= {
            "error": "SessionNotCreatedException: Chrome failed to start: crashed",
            "warnings": ("no screenshot",),
        }
    return Attempt(number=number, verdict=verdict, **{**facts, **changes})  # type: ignore[arg-type]


def row(
    case: str = "tc001",
    *attempts: Attempt,
    module: str = "login",
    browser: str = "chrome",
    lease: float | None = None,
) -> JobRow:
    """A job with these attempts; with ``lease``, one more is claimed until that many seconds after NOW."""
    job = Job(module, case, browser)
    last = attempts[-1].number if attempts else 0
    if lease is None:
        return JobRow(job, attempt=last, attempts=attempts)
    return JobRow(
        job,
        attempt=last + 1,
        owner="worker-9",
        lease_until=NOW + lease,
        claimed_at=NOW - 30,
        attempts=attempts,
    )


def header(rows: list[JobRow], state: RunState = RunState.FINISHED, **changes: object) -> Run:
    """A run whose header fits the rows."""
    facts: dict[str, object] = {
        "id": "20251009-084500-a1b2",
        "url": "https://shop.example/",
        "started_at": NOW - 500,
        "finished_at": NOW - 20 if state is RunState.FINISHED else None,
        "beat_at": NOW - 3,
        "planned": len(rows),
        "modules": tuple(dict.fromkeys(r.job.module for r in rows)),
        "browsers": tuple(dict.fromkeys(r.job.browser for r in rows)),
        "settings": {
            "branch": "main",
            "commit": "0123456789abcdef0123456789abcdef01234567",
            "cases": "cases",
        },
    }
    run = Run(state=state, **{**facts, **changes})  # type: ignore[arg-type]
    counts = count(fold(r, run, NOW) for r in rows)
    return Run(**{**run.to_json(), "state": state, "counts": counts})


def every_outcome(state: RunState = RunState.RUNNING) -> tuple[Run, list[JobRow]]:
    """One job of each outcome in Chrome (all but cancelled: that takes a cancelled run), some in Firefox."""
    failed, passed = Verdict.FAILED, Verdict.PASSED
    rows = [
        row("passes", attempt()),
        row("is_flaky", attempt(1, failed), attempt(2, passed, duration_s=12.3)),
        row("is_skipped", attempt(1, Verdict.SKIPPED, error="Skipped: needs the new cart")),
        row("fails", attempt(1, failed), attempt(2, failed, duration_s=75.0)),
        row("errors", attempt(1, Verdict.ERROR), module="checkout"),
        row("is_lost", module="checkout", lease=-5),
        row("is_cancelled", attempt(1, Verdict.CANCELLED), module="checkout"),
        row("is_running", attempt(1, Verdict.ERROR), module="checkout", lease=60),
        row("waits", module="checkout"),
        row("passes", attempt(), browser="firefox"),
        row("fails", attempt(), browser="firefox"),
    ]
    return header(rows, state), rows


def all_green() -> tuple[Run, list[JobRow]]:
    """A finished run with nothing to complain about."""
    rows = [row(f"tc{n:03}", attempt(), browser=b) for b in ("chrome", "firefox", "webkit") for n in range(1, 5)]
    return header(rows), rows


def hostile() -> tuple[Run, list[JobRow]]:
    """Every free text is meant to break out of a page, with lone surrogates and terminal colours on top."""
    nasty = "\x1b[31m\x00\ud800 " + " ".join(HOSTILE)
    rows = [
        row(
            text,
            attempt(
                1,
                Verdict.FAILED,
                error=text + nasty,
                detail=nasty * 3,
                owner=text,
                warnings=(nasty,),
                browser_version=text,
                artifacts=(f"{text}.png", f"{text}.html", "javascript:alert(1)"),
            ),
            module=text,
        )
        for text in HOSTILE
    ]
    settings = {"branch": HOSTILE[1], "commit": HOSTILE[2], "cases": "my cases; rm -rf /"}
    rule = Quarantine("9999-12-31", case=HOSTILE[0], owner=HOSTILE[1], reason=nasty, link=HOSTILE[3])
    run = header(rows, id=HOSTILE[1], url="javascript:alert(1)//" + HOSTILE[0], settings=settings)
    return replace(run, quarantine=(rule,)), rows


def big(jobs: int = 10_000) -> tuple[Run, list[JobRow]]:
    """Many jobs in 20 modules and two browsers; one in fifty fails, one in a hundred is flaky."""
    rows = list(_many(jobs))
    return header(rows, id=f"big-{jobs}"), rows


def _many(jobs: int) -> Iterator[JobRow]:
    for n in range(jobs // 2):
        for browser in ("chrome", "firefox"):
            tries = [attempt(1, Verdict.FAILED, duration_s=3 + n % 7)] if n % 50 in (0, 25) else []
            if n % 50:
                tries.append(attempt(len(tries) + 1, duration_s=1 + n % 11 / 10))
            yield row(f"tc{n:05}_shopper_can_do_thing", *tries, module=f"module-{n % 20:02}", browser=browser)


def past_runs(number: int = 30) -> list[Run]:
    """Headers of earlier runs, newest first, some of them bad in various ways."""
    runs = []
    for n in range(number):
        bad = {Outcome.FAILED.value: n % 5} if n % 3 == 1 else {}
        rest = {Outcome.LOST.value: 1} if n % 7 == 6 else {}
        flaky = {Outcome.FLAKY.value: 2} if n % 4 == 2 else {}
        counts = {k: v for k, v in {**bad, **rest, **flaky}.items() if v}
        counts[Outcome.PASSED.value] = 60 - sum(counts.values())
        runs.append(
            Run(
                id=f"20251008-{n:06}-beef",
                url="https://shop.example/",
                started_at=NOW - 3600 * (n + 1),
                finished_at=NOW - 3600 * (n + 1) + 95 + n,
                state=RunState.INTERRUPTED if n == 9 else RunState.FINISHED,
                planned=60,
                browsers=("chrome",),
                counts=counts,
                settings={"branch": "main", "commit": f"{n:07x}abcdef"},
                note="Ctrl-C" if n == 9 else None,
            )
        )
    return runs
