"""uitest runs pytest and Selenium cases in several browsers and records every attempt.

The flow of a run: ``cli`` parses the arguments, ``run`` plans the jobs and runs them to completion, ``executors`` start
attempts, which ``plugin`` makes with ``browsers``, ``storage`` keeps the results, and ``reporting`` shows them.
"""

import logging

from uitest import distribution

__version__ = distribution.VERSION

logging.getLogger(__name__).addHandler(logging.NullHandler())  # silent unless asked: see uitest.log
