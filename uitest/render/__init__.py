"""The status site: from a run's header and rows to static pages.

``words``, ``links``, ``verdict`` and ``counts`` say things; ``home``, ``run`` and ``job`` turn rows into view
models (pure functions to frozen data); ``site`` fills templates and writes files. Templates and assets are in
``status_site/``. Nothing here knows AWS or a browser, and nothing reads a clock: ``now`` is an argument.
"""

from uitest.render.links import artifacts_url
from uitest.render.site import Site

__all__ = ["Site", "artifacts_url"]
