"""A plugin of pytest that has uitest do without one of its shortcuts, as if a tool did not behave as known.

BENCH_WITHOUT is the name of the feature; nothing is changed where it is empty.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from uitest.compat import features

WITHOUT = os.environ.get("BENCH_WITHOUT", "")

is_passed, passed_file = features._is_passed, features._passed_file


def _is_passed(feature: features.Feature, check: Callable[[], bool]) -> bool:
    return feature.name != WITHOUT and is_passed(feature, check)


def _passed_file(feature: features.Feature, *rest: Any) -> Path | None:
    return None if feature.name == WITHOUT else passed_file(feature, *rest)


features._is_passed, features._passed_file = _is_passed, _passed_file
