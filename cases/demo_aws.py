"""The same with AWS, on this machine and without an account: ``make demo-aws``.

``uitest local-aws`` starts the account and runs this again in it: modules in DynamoDB, an invocation of the Lambda
function for each case, the status table, pages in S3. The commands are those of ``demo.py``; what differs is the
environment that they find.
"""

import os
import shlex
import signal
import sys
from typing import NoReturn
from urllib.request import urlopen

from demo import HERE, LEAN, uitest

from uitest.errors import UsageError
from uitest.reporting.web_server import SiteServer


def start() -> NoReturn:
    """Become the account, which runs ``show`` in it: nothing stands between it and Ctrl-C."""
    os.environ.setdefault("PYTEST_ADDOPTS", LEAN)
    words = ["uitest", "local-aws", "--", sys.executable, "cases/demo_aws.py", "show"]
    print("$", shlex.join(words), flush=True)
    os.execv(sys.executable, [sys.executable, "-m", *words])  # noqa: S606  no shell is wanted


def show() -> int:
    """The demo; the exit code of the run."""
    browsers = os.environ.get("UITEST_BROWSER", "chrome,firefox,webkit")
    pages = os.environ["UITEST_SITE_URL"]
    print(f"DynamoDB and S3 at {os.environ['AWS_ENDPOINT_URL']}, Lambda at {os.environ['AWS_ENDPOINT_URL_LAMBDA']}:")
    print(f"{os.environ['UITEST_STORE']}  {os.environ['UITEST_SITE']}  function {os.environ['UITEST_FUNCTION']}\n")
    with SiteServer(HERE / "site") as site:
        code = uitest("modules", "load", "cases/modules.json") or uitest("modules", "list")
        code = code or uitest("run", "--url", site.url, "--browser", browsers, "--retries", "1")
        if code == UsageError.exit_code:
            return code
        uitest("status")
        with urlopen(f"{pages}/index.html") as page:  # noqa: S310  our own server
            told = f"{pages}/index.html answers {page.status}."
        print(f"\nThe pages are in {os.environ['UITEST_SITE']}. {told}", flush=True)
        if os.environ.get("STAY"):
            print("Look at them; Ctrl-C ends everything.", flush=True)
            signal.pause()
    print("\nEverything ends now, nothing is kept.")
    print("Look at the pages   make demo-aws STAY=1")
    print("Try what you like   .venv/bin/uitest local-aws")
    return code


if __name__ == "__main__":
    try:
        sys.exit(show() if sys.argv[1:] == ["show"] else start())
    except KeyboardInterrupt:
        sys.exit(130)
