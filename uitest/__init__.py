"""uitest: plain pytest and Selenium cases, run in every browser, every attempt kept.

How a run flows, from top to bottom of the package: ``cli`` reads the words, ``coordinator`` turns modules
into a plan and sees it through, ``executors`` make attempts happen, ``attempt`` is one try of one job,
``stores`` and ``places`` keep what came out, ``render`` and ``reporters`` tell it.
"""

__version__ = "0.1.0"
