"""Files for users: ``project`` and ``ci`` are written into their repository, ``sample`` is a site to try cases on.

``{{install}}`` stands for what pip installs (an address, a wheel or a distribution's name), ``{{url}}`` for the address
of the site under test, ``{{cases}}`` for the folder of the cases. If the site is a folder, the build serves it:
``UITEST_SERVE`` names it.
"""

SAMPLE_PORT = 8010
SAMPLE_URL = f"http://127.0.0.1:{SAMPLE_PORT}"
"""Where ``uitest serve --sample`` serves the sample page, for projects that have no site yet."""
