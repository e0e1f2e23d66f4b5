"""Everything that uitest uses of other tools without their promise to keep it: one module for each tool.

Private and undocumented names of a tool appear in its module here and nowhere else in the package, each behind one
function. ``features`` holds the self-check: where a tool does not behave as known, that function's caller gets on
without it, and one warning names the tool, its version and what is done instead.

Modules here import the tool inside of functions where that takes long, or where the name may be missing.
"""
