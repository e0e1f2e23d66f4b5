"""The command line: ``python -m bench [PART ...]``, from the checkout."""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench import machine, report
from bench.again import again
from bench.context import context
from bench.engines import engines
from bench.fanout import fanout
from bench.floor import floor
from bench.growth import growth
from bench.part import Conditions, Found
from bench.peers import ROOT, SITE, WORK, PeerMissing
from bench.run import run
from bench.scale import scale
from bench.shared import shared
from bench.shortcuts import shortcuts
from bench.site import site
from bench.skew import skew
from bench.speed import speed
from bench.start import start
from bench.trace import trace
from bench.waiting import LATE_S, waiting
from uitest.browsers.process import discovery
from uitest.errors import UitestError
from uitest.reporting.web_server import SiteServer

PARTS: Mapping[str, Callable[[Conditions], Found]] = {
    "speed": speed,
    "waiting": waiting,
    "floor": floor,
    "context": context,
    "start": start,
    "again": again,
    "skew": skew,
    "run": run,
    "engines": engines,
    "shared": shared,
    "shortcuts": shortcuts,
    "trace": trace,
    "site": site,
    "fanout": fanout,
    "scale": scale,
    "growth": growth,
}
"""In the order of the report."""
BY_NAME_ONLY = ("scale",)
"""Parts that take so long that they are measured only where they are named."""
ORDER = (report.SUMMARY, *(f"## {name.capitalize()}" for name in PARTS))


def positive(text: str) -> int:
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def options(argv: Sequence[str] | None) -> argparse.Namespace:
    """The parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure uitest beside its peers.")
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all but {', '.join(BY_NAME_ONLY)})"
    )
    parser.add_argument("--rounds", type=positive, default=3, help="measured sessions of a runner (default: 3)")
    parser.add_argument("--repeats", type=positive, default=10, help="of the six flows in a session (default: 10)")
    parser.add_argument("--workers", type=positive, default=2, help="xdist workers (default: 2)")
    parser.add_argument("--cases", type=positive, default=2000, help="of the growth session (default: 2000)")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "RESULTS.md", metavar="FILE")
    options_ = parser.parse_args(argv)
    unknown = sorted(set(options_.parts) - set(PARTS))
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; choose from {', '.join(PARTS)}")
    return options_


def tell(line: str) -> None:
    """Progress, apart from the report on standard output."""
    print(line, file=sys.stderr, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the report, write it; 1 if uitest itself could not be measured, 2 for wrong use."""
    parsed = options(argv)
    WORK.mkdir(exist_ok=True)
    chosen = [name for name in PARTS if name in parsed.parts or (not parsed.parts and name not in BY_NAME_ONLY)]
    sections, figures, code = [], {}, 0
    try:
        binary = discovery.chrome("shell")
        # The server tells of a request before it answers.
        with SiteServer(SITE) as server, SiteServer(SITE, log=lambda _line: time.sleep(LATE_S)) as slow:
            conditions = Conditions(
                server.url, slow.url, binary, parsed.rounds, parsed.repeats, parsed.workers, parsed.cases, tell
            )
            for name in chosen:
                facts = machine.facts(binary)
                tell(f"== {name}")
                try:
                    result = PARTS[name](conditions)
                except (PeerMissing, UitestError) as exc:  # the other parts are worth having
                    tell(f"{name}: {exc}")
                    result = Found([f"Missing: {exc}"], whole=False)
                sections.append(report.section(name.capitalize(), facts, result.lines))
                figures.update(result.figures)
                code = max(code, int(not result.whole))
    except UitestError as exc:
        tell(f"bench: {exc}")
        return 2
    before = parsed.out.read_text() if parsed.out.is_file() else ""
    sections.insert(0, report.summary(figures, chosen, before))
    print("\n".join(sections))
    parsed.out.write_text(report.merged(before, sections, ORDER))
    return code


if __name__ == "__main__":
    sys.exit(main())
