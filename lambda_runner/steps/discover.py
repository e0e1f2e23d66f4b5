"""Step ``discover``: the modules of the case files in the image, for a run whose module table is empty.

The function that runs cases takes this step, because finding them imports them, and they are not trusted with what the
other steps may do. So a pipeline's first execution runs before anybody has filled the table.
"""

import json
from collections.abc import Mapping
from typing import Any

from lambda_runner.checkout import check_out
from lambda_runner.clean_session import clean_session
from uitest.errors import UsageError
from uitest.plugin.collection.case_discovery import discover_modules
from uitest.system.home_dirs import make_homes

LIMIT_B = 128 * 1024
"""Maximum size in bytes of the result: a state is limited to 256 KB, and the next one repeats it."""


def handle(_event: Mapping[str, Any]) -> dict[str, Any]:
    """Returns ``modules``, the ids of cases by name of their module. Raises UsageError for none, or too many."""
    with clean_session(reuse_browser=False) as (folder, _):
        checkout = check_out(folder)
        try:
            discovered = discover_modules(checkout.cases, environ=make_homes(folder), root=checkout.folder)
        except UsageError as exc:
            raise UsageError(f"the module table is empty, and {exc}") from exc
    modules = {module.name: list(module.cases) for module in discovered}
    size = len(json.dumps(modules))
    if size > LIMIT_B:
        raise UsageError(
            f"the module table is empty, and the image has more cases than a state machine can hand on ({size} bytes, "
            f"at most {LIMIT_B}); fill the table with: uitest modules sync --discover"
        )
    return {"modules": modules}
