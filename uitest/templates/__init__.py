"""Files that are written into a user's repository: ``ci`` for services that run builds.

``{{install}}`` stands for what pip installs (an address, a wheel or a distribution's name), ``{{url}}``
for the address of the site under test. If the site is a folder, the build serves it: ``UITEST_SERVE`` names it.
"""
