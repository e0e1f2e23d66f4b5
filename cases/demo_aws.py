"""``make demo-aws``: the demo in an emulated AWS account on this machine.

``uitest local-aws`` starts the account and runs this script again in it: modules and status in DynamoDB, an invocation
of the Lambda function for each case, pages in S3. The commands are those of ``demo.py``; only the environment differs.
"""

import os
import shlex
import signal
import sys
from typing import NoReturn
from urllib.request import urlopen

from demo import HERE, PYTEST_OPTIONS, uitest

from uitest.errors import UsageError
from uitest.reporting.web_server import SiteServer


def start() -> NoReturn:
    """Replace this process by ``uitest local-aws``, which runs ``show``, so that Ctrl-C reaches it directly."""
    os.environ.setdefault("PYTEST_ADDOPTS", PYTEST_OPTIONS)
    arguments = ["uitest", "local-aws", "--", sys.executable, "cases/demo_aws.py", "show"]
    print("$", shlex.join(arguments), flush=True)
    os.execv(sys.executable, [sys.executable, "-m", *arguments])  # noqa: S606  no shell is wanted


def show() -> int:
    """Run the demo; returns the exit code of the run."""
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
            status = f"{pages}/index.html answers {page.status}."
        print(f"\nThe pages are in {os.environ['UITEST_SITE']}. {status}", flush=True)
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
