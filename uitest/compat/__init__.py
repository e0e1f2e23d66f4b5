"""Private and undocumented parts of other tools that uitest depends on, one module for each tool.

Private and undocumented names of a tool appear in its module here and nowhere else in the package, each behind one
function. ``features`` holds the self-check: where a tool does not behave as expected, the function's
caller falls back, and one warning names the tool, its version and the fallback.

Modules here import the tool inside functions where the import is slow or the name may be missing.
"""
