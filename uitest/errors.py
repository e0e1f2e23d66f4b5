"""Everything uitest raises on purpose.

    UitestError                 exit code 2 unless said otherwise
    ├── UsageError              wrong words or bad input: the message says what to do instead
    │   ├── UnknownModule
    │   ├── UnknownRun
    │   ├── RunExists           the run id is taken
    │   ├── RunChanged          somebody else has changed the run meanwhile
    │   ├── Unfinished          the run has ended with work left
    │   └── RedRun              the run is red for what no case of it can mend; exit code 3
    ├── StoreError              the store cannot be used (missing table, no permission, damaged file)
    │   └── RowsLost            what a run has written is gone from its store; exit code 3
    ├── PlaceError              artifacts or site cannot be written, or a topic told (missing, no permission)
    ├── BrowserError            a browser or its driver cannot be used; exit code 3
    └── ExecutorError           the machinery that makes attempts is broken; exit code 3
        └── TakenUp             another process sees the run through

Foreign errors (botocore, sqlite3, selenium) are translated into these once, at the boundary, with
``raise ... from exc``. A message is one line: what is wrong, then what to do.
"""


class UitestError(Exception):
    """Base of all errors a user may see; ``str()`` is the one line to print."""

    exit_code = 2


class UsageError(UitestError):
    """Wrong words or bad input."""


class UnknownModule(UsageError):
    """No such row in the module table."""


class UnknownRun(UsageError):
    """No run with that id in the store."""


class RunExists(UsageError):
    """A run with that id is already in the store."""


class RunChanged(UsageError):
    """The header of a run is not, or not any more, as the caller expects it."""


class Unfinished(UsageError):
    """A state machine's run has ended with work left; a redrive goes on."""


class RedRun(UsageError):
    """A run is red for what no case of it can mend."""

    exit_code = 3


class StoreError(UitestError):
    """The store cannot be used."""


class RowsLost(StoreError):
    """What a run has written is gone from its store."""

    exit_code = 3


class PlaceError(UitestError):
    """Artifacts or site cannot be written or read."""


class BrowserError(UitestError):
    """A browser or its driver cannot be used."""

    exit_code = 3

    def __init__(self, message: str, log: str = "") -> None:
        """``log``: what driver and browser printed, where they were being started."""
        super().__init__(message)
        self.log = log


class ExecutorError(UitestError):
    """The machinery that makes attempts happen is broken."""

    exit_code = 3


class TakenUp(ExecutorError):
    """Another process sees the run through."""
