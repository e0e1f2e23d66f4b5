"""The status site: from a run's header and rows to static pages.

``wording``, ``links`` and ``verdict`` say things; ``history``, ``forecast`` and ``grouping`` judge them; ``home``,
``run`` and ``job`` turn rows into view models (pure functions to plain JSON values); ``page`` fills the shell,
``index`` knows the runs of a site, ``writer`` writes files. Shell and assets are in ``status_site/``. Nothing here
knows AWS or a browser, and nothing reads a clock: ``now`` is an argument.
"""

from uitest.reporting.site.index import summary_name
from uitest.reporting.site.links import artifacts_url
from uitest.reporting.site.page import SERVED
from uitest.reporting.site.writer import Site

__all__ = ["SERVED", "Site", "artifacts_url", "summary_name"]
