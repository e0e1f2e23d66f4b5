"""Benchmarks of uitest against its peers and its goals.

``python -m bench`` (``make bench``) measures all parts and writes ``bench/RESULTS.md``; ``python -m bench start skew``
measures these two and leaves the other sections as they are. ``goals`` holds what the figures are judged by.

- ``speed``: six small flows of the sample site, repeated, in every runner in turn, on the same Chrome binary with
  the same arguments, window and number of workers, each case in a fresh browser or context. uitest, pytest-selenium
  and SeleniumBase run the very same file; pytest-playwright runs the same steps and assertions in its own words.
- ``waiting``: the same on a site that answers late, with as many workers as each runner chooses. With two workers on
  two cores the processors decide who is faster, elsewhere it is who waits least: both are measured.
- ``floor``: the processor time that a fresh Chrome context takes by itself, and who spends a case's.
- ``context``: what a fresh context costs before and after a case.
- ``start``: from the start of a command to its first case running, and the same of the peers and of pytest alone.
- ``again``: one case again while writing it, with a kept browser and with ``uitest watch``.
- ``skew``: how near a run comes to the shortest possible one when a few cases are long.
- ``run``: ``uitest run`` against bare pytest.
- ``engines``: Firefox and WebKit against a fresh browser for each case.
- ``shared``: a driver that tests share against plain Selenium's, and what one script costs.
- ``trace``: cases that are recorded, for a trace of those that fail, against the same without.
- ``site``: the status pages of a run of ten thousand jobs, and of a thousand runs.
- ``fanout``: thousands of jobs in Lambda, without Lambda's own part in it (``make bench-fanout``).
- ``scale``: a hundred thousand jobs in Lambda, with their pages; by its name only, as it takes half an hour.
- ``growth``: one long uitest session in one process, with its memory, processes and temporary files sampled.

Every runner lives in a virtual environment of its own below ``.bench/``, with pinned versions; one that cannot be
installed or started is reported as missing. Leave the machine alone meanwhile; the report names its load.

Limits: the numbers hold for small pages served from the same machine, where the runner's own cost shows most
(``waiting`` is the farthest from that). Slow parts run fewer rounds than quick ones, so that everything takes some
twenty-five minutes on two cores.
"""
