"""uitest runs pytest and Selenium cases in several browsers and records every attempt.

The flow of a run: ``cli`` parses the arguments, ``run`` plans the jobs and runs them to completion, ``executors`` start
attempts, which ``plugin`` makes with ``browsers``, ``storage`` keeps the results, and ``reporting`` shows them.

PYTEST_DONT_REWRITE, for this module only, which has no assertions: ``uitest watch`` imports it before its sessions of
pytest begin, and each of them would warn that it is too late to rewrite it.
"""

import logging

from uitest import distribution

__version__ = distribution.VERSION

logging.getLogger(__name__).addHandler(logging.NullHandler())  # silent unless asked: see uitest.log
