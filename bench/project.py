"""A project that ``uitest run`` is measured in: a scratch folder with store, pages, artifacts and JUnit file."""

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from bench import session
from bench.peers import FLOWS, UITEST, WINDOW, WORK, PeerMissing
from bench.session import Measure


def flow_ids(source: str, repeats: int) -> list[str]:
    """Case ids of the flows in a file's ``source``: all of them, then all again."""
    names = re.findall(r"^def (test_\w+)", source, re.MULTILINE)
    return [f"test_flows::{name}[{repeat}]" for repeat in range(repeats) for name in names]


class Project:
    """Holds one module while it is entered::

    with Project(cases, ids, binary) as project:
        measure = project.run(url, workers=2, run_id="first")
    """

    def __init__(self, cases: Path, ids: Sequence[str], binary: str, repeats: int = 1) -> None:
        """``ids`` are the cases of the module, ``cases`` the folder they are in."""
        self.cases = cases
        self.ids = ids
        self.binary = binary
        self.repeats = repeats

    @classmethod
    def of_flows(cls, binary: str, repeats: int) -> Self:
        """The six flows, repeated, as one module."""
        cases = FLOWS / UITEST.flows
        return cls(cases, flow_ids((cases / "test_flows.py").read_text(), repeats), binary, repeats)

    def __enter__(self) -> Self:
        # A short path: Chrome's singleton socket below it must stay under 108 characters.
        self._scratch = tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)
        self.folder = Path(self._scratch.name)
        modules = self.folder / "modules.json"
        modules.write_text(json.dumps({"bench": self.ids}))
        self._uitest(["modules", "load", str(modules)], {})
        return self

    @property
    def store(self) -> str:
        """The words for the store."""
        return f"sqlite:{self.folder / 'uitest.db'}"

    def run(self, url: str, workers: int | str, run_id: str, more_env: Mapping[str, str] | None = None) -> Measure:
        """What one run of the module costs. Raises PeerMissing if it is not all green."""
        argv = [
            "run",
            f"--url={url}",
            f"--cases={self.cases}",
            f"--workers={workers}",
            f"--run-id={run_id}",
            f"--site={self.folder / 'site'}",
            f"--artifacts={self.folder / 'site' / 'artifacts'}",
            f"--junit={self.folder / 'junit.xml'}",
        ]
        return self._uitest(argv, more_env or {})

    def _uitest(self, argv: Sequence[str], more_env: Mapping[str, str]) -> Measure:
        env = {
            **session.environment(self.binary, self.repeats, self.folder),
            "UITEST_STORE": self.store,
            "UITEST_WINDOW_SIZE": "{}x{}".format(*WINDOW),
            **more_env,
        }
        log = WORK / "uitest-run.log"
        program = str(UITEST.home / "bin" / "uitest")
        code, measure = session.measured([program, *argv], env, self.folder, log, session.limit_s(len(self.ids)))
        if code != 0:
            output = session.last_words(log.read_text(errors="replace"))
            raise PeerMissing(f"uitest {argv[0]} ended with {code}: {output} (see {log.name})")
        return measure

    def __exit__(self, *exc_info: object) -> None:
        self._scratch.cleanup()
