"""How fast uitest is beside pytest-selenium and pytest-playwright, and whether a long session grows.

``python -m bench`` (``make bench``) measures both and writes ``bench/RESULTS.md``:

- ``speed``: six small flows of the sample site, repeated, in every runner in turn, on the same Chrome binary with
  the same arguments, window and number of workers, each case in a fresh browser or context. uitest and
  pytest-selenium run the very same file; pytest-playwright runs the same steps and assertions in its own words.
- ``growth``: one long uitest session in one process, with its memory, processes and temporary files sampled.

Every runner lives in a virtual environment of its own below ``.bench/``, with pinned versions; one that cannot be
installed or started is reported as missing. Leave the machine alone meanwhile; the report names its load.

What is given up: the numbers hold for small pages served from the same machine, where the runner's own cost shows
most. A slow site hides it.
"""
