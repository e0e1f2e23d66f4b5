"""Files for users: ``project`` and ``ci`` are written into their repository, ``sample`` is a site to try cases on.

``{{install}}`` stands for what pip installs (an address, a wheel or a distribution's name), ``{{url}}`` for the address
of the site under test, ``{{cases}}`` for the folder of the cases. If the site is a folder, the build serves it:
``UITEST_SERVE`` names it.
"""
