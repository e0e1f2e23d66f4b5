"""The exceptions of uitest.

    UitestError                 exit code 2 unless noted
    ├── UsageError              wrong use or bad input
    │   ├── UnknownModule
    │   ├── UnknownRun
    │   ├── RunExists           the run id is in use
    │   ├── RunChanged          another process has changed the run meanwhile
    │   ├── Unfinished          a state machine's run has ended with jobs left
    │   └── RedRun              the run is red for a reason outside of its cases; exit code 3
    ├── StoreError              the store cannot be used (missing table, no permission, damaged file)
    │   └── RowsLost            rows that the run had written are lost; exit code 3
    ├── PlaceError              artifacts, site or topic cannot be used (missing, no permission)
    ├── BrowserError            a browser or its driver cannot be used; exit code 3
    │   └── NotInstalled        a program that a browser needs is not there
    ├── DeployError             the AWS account cannot be deployed to (no credentials, no permission, wrong input)
    │   └── DeployFailed        a deployment or removal has failed in the account; exit code 3
    └── ExecutorError           the executor is broken; exit code 3
        ├── BrokenFunction      the Lambda function raised an exception, or ended
        └── TakenUp             another process has taken over the run

Errors of other packages (botocore, sqlite3, selenium) are translated into these once, at the boundary, with
``raise ... from exc``. A message is one line: what is wrong, then what to do.
"""


class UitestError(Exception):
    """Base of all errors that a user may see; ``str()`` is the line to print."""

    exit_code = 2


class UsageError(UitestError):
    """Wrong use or bad input."""


class UnknownModule(UsageError):
    """No such row in the module table."""


class UnknownRun(UsageError):
    """No run with that id in the store."""


class RunExists(UsageError):
    """A run with that id is already in the store."""


class RunChanged(UsageError):
    """The header of a run does not have the values that the caller expects."""


class Unfinished(UsageError):
    """A state machine's run has ended with jobs left; a redrive continues it."""


class RedRun(UsageError):
    """A run is red for a reason outside of its cases."""

    exit_code = 3


class StoreError(UitestError):
    """The store cannot be used."""


class RowsLost(StoreError):
    """Rows that a run had written are no longer in its store."""

    exit_code = 3


class PlaceError(UitestError):
    """Artifacts or site cannot be written or read."""


class BrowserError(UitestError):
    """A browser or its driver cannot be used."""

    exit_code = 3

    def __init__(self, message: str, log: str = "") -> None:
        """``log``: output of driver and browser, if they failed to start."""
        super().__init__(message)
        self.log = log


class NotInstalled(BrowserError):
    """A program that a browser needs is not there."""


class DeployError(UitestError):
    """The AWS account cannot be deployed to."""


class DeployFailed(DeployError):
    """A deployment or removal has failed in the account."""

    exit_code = 3


class ExecutorError(UitestError):
    """The executor is broken."""

    exit_code = 3


class BrokenFunction(ExecutorError):
    """The Lambda function raised an exception, or its environment ended."""


class TakenUp(ExecutorError):
    """Another process has taken over the run."""
