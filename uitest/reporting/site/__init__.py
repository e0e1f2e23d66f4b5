"""The status site: renders a run's header and rows as static pages.

``wording``, ``links`` and ``verdict`` format values; ``history``, ``forecast`` and ``grouping`` evaluate them,
``comparison`` compares a run with its base, ``suites`` tells apart what is run again and again;
``home``, ``run`` and ``job`` turn rows into view models (pure functions that return JSON values); ``page`` fills the
template, ``index`` lists the runs of a site, ``writer`` writes files. Template and assets are in ``status_site/``.
Nothing here depends on AWS, browsers or the clock: ``now`` is an argument.
"""

from uitest.reporting.site.index import summary_name
from uitest.reporting.site.links import artifacts_url
from uitest.reporting.site.page import SERVED
from uitest.reporting.site.writer import Site

__all__ = ["SERVED", "Site", "artifacts_url", "summary_name"]
