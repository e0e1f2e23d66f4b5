"""The command line: ``python -m bench [speed] [growth]``, from the checkout."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import growth, machine, report, speed
from bench.peers import FLOW_COUNT, PEERS, ROOT, WORK, PeerMissing
from uitest.browsers import locate
from uitest.errors import UitestError
from uitest.web import SiteServer

PARTS = ("speed", "growth")


def positive(text: str) -> int:
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def options(argv: Sequence[str] | None) -> argparse.Namespace:
    """The parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure uitest beside its peers.")
    parser.add_argument("parts", nargs="*", metavar="speed|growth", help="what to measure (default: both)")
    parser.add_argument("--rounds", type=positive, default=3, help="measured sessions a runner (default: 3)")
    parser.add_argument("--repeats", type=positive, default=10, help="of the six flows a session (default: 10)")
    parser.add_argument("--workers", type=positive, default=2, help="xdist workers (default: 2)")
    parser.add_argument("--cases", type=positive, default=500, help="of the growth session (default: 500)")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "RESULTS.md", metavar="FILE")
    found = parser.parse_args(argv)
    unknown = sorted(set(found.parts) - set(PARTS))
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; choose from {', '.join(PARTS)}")
    return found


def tell(line: str) -> None:
    """Progress, apart from the report on standard output."""
    print(line, file=sys.stderr, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the report, write it; 1 if uitest itself could not be measured, 2 for wrong use."""
    found = options(argv)
    WORK.mkdir(exist_ok=True)
    sections, code = [], 0
    try:
        binary = locate.chrome("shell")
        with SiteServer(ROOT / "cases" / "site") as server:
            for part in found.parts or PARTS:
                facts = machine.facts(binary)
                if part == "speed":
                    rows = speed.measure(
                        PEERS,
                        server.url,
                        binary,
                        rounds=found.rounds,
                        repeats=found.repeats,
                        workers=found.workers,
                        tell=tell,
                    )
                    cases = FLOW_COUNT * found.repeats
                    sections.append(report.speed(rows, facts, cases, found.workers, found.rounds))
                    code = max(code, int(rows[0].missing is not None))
                else:
                    tell(f"growth: {found.cases} cases in one process")
                    try:
                        samples = growth.measure(server.url, binary, found.cases)
                    except PeerMissing as exc:
                        tell(f"growth: {exc}")
                        code = 1
                    else:
                        sections.append(report.growth(samples, facts))
    except UitestError as exc:
        tell(f"bench: {exc}")
        return 2
    print("\n".join(sections))
    before = found.out.read_text() if found.out.is_file() else ""
    found.out.write_text(report.merged(before, sections))
    return code


if __name__ == "__main__":
    sys.exit(main())
