#!/bin/sh
# Runs the case files that differ from BASE_REF (a branch), with pytest: the author of a pull request hears of them before
# everything else has run. Called by run.sh, which goes on whatever becomes of them. Exit code 1: a case failed.
set -eu
if ! command -v git >/dev/null; then
    echo "UITEST: no git to compare with $BASE_REF, so no case file comes first"
    exit 0
fi
# The checkout may belong to another user than the build's.
changed=$(git -c safe.directory='*' diff --name-only --diff-filter=d "origin/$BASE_REF...HEAD" -- "$UITEST_CASES")
set -- $(printf '%s\n' "$changed" | grep -E '^[^ ]*/test_[^/ ]*\.py$' || true)
if [ $# = 0 ]; then
    echo "UITEST: no case file has changed"
    exit 0
fi
echo "UITEST: changed case files first: $*"
pytest --base-url "$WebURL" --browser "$BROWSER" -n auto "$@" || exit $(($? == 1 ? 1 : 3))
