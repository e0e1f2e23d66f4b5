"""uitest: plain pytest and Selenium cases, run in every browser, every attempt kept.

How a run flows, from top to bottom of the package: ``cli`` reads the arguments, ``run`` turns modules into a plan and
runs it to its end, ``executors`` start attempts, which ``plugin`` makes with ``browsers``, ``storage`` keeps what came
out, ``reporting`` tells it.
"""

__version__ = "0.1.0"
