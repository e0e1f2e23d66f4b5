#!/bin/sh
# Runs the case files that differ from BASE_REF (a branch), with pytest: the author of a pull request hears of them before
# everything else has run.
set -eu
if [ -z "${BASE_REF:-}" ] || ! command -v git >/dev/null; then
    echo "UITEST: no branch to compare with, or no git, so no case file comes first"
    exit 0
fi
# The checkout may belong to another user than the build's.
changed=$(git -c safe.directory='*' diff --name-only --diff-filter=d "origin/${BASE_REF#refs/heads/}...HEAD" -- "$UITEST_CASES")
set -- $(printf '%s\n' "$changed" | grep -E '^[^ ]*/test_[^/ ]*\.py$' || true)
if [ $# = 0 ]; then
    echo "UITEST: no case file has changed"
    exit 0
fi
echo "UITEST: changed case files first: $*"
pytest --base-url "$WebURL" --browser "$BROWSER" -n auto "$@"
