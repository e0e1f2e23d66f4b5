"""Runners in turn: one warm-up each, then rounds in alternating order, so that a machine that slows down or
speeds up does so for everybody."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bench import session
from bench.peers import Peer, PeerMissing, install, versions
from bench.session import Measure


@dataclass
class Row:
    """What is known about one peer; ``missing`` says why there are no numbers."""

    peer: Peer
    versions: dict[str, str] = field(default_factory=dict)
    measures: list[Measure] = field(default_factory=list)
    missing: str | None = None


def measure(
    peers: Iterable[Peer],
    url: str,
    binary: str,
    *,
    rounds: int,
    repeats: int,
    workers: int,
    tell: Callable[[str], None],
) -> list[Row]:
    """A row for each peer, in the order given."""
    extra = ("-n", str(workers))
    rows = [Row(peer) for peer in peers]
    for row in rows:
        tell(f"{row.peer.name}: environment and warm-up")
        try:
            install(row.peer)
            row.versions = dict(versions(row.peer))
            session.run(row.peer, url, binary, 1, extra)
        except PeerMissing as exc:
            row.missing = str(exc)
            tell(f"{row.peer.name}: missing, {exc}")
    for number in range(rounds):
        for row in turn(rows, number):
            try:
                row.measures.append(session.run(row.peer, url, binary, repeats, extra))
            except PeerMissing as exc:
                row.missing = str(exc)
                tell(f"{row.peer.name}: missing, {exc}")
                continue
            last = row.measures[-1]
            tell(f"round {number + 1}, {row.peer.name}: {last.wall_s:.1f} s, {last.cpu_s:.1f} processor s")
    return rows


def turn(rows: Sequence[Row], number: int) -> list[Row]:
    """The rows still measured, in the order of this round: forwards and backwards by turns."""
    order = rows if number % 2 == 0 else rows[::-1]
    return [row for row in order if row.missing is None]
