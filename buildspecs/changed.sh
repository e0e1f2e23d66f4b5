#!/bin/sh
# Runs the case files that a pull request changes, with pytest: its author hears of them before everything else has run.
set -eu
if ! command -v git >/dev/null; then
    echo "UITEST: no git in this image, so changed case files do not come first"
    exit 0
fi
base=origin/${CODEBUILD_WEBHOOK_BASE_REF#refs/heads/}
# The checkout may belong to another user than the build's.
changed=$(git -c safe.directory='*' diff --name-only --diff-filter=d "$base...HEAD" -- "$UITEST_CASES")
set -- $(printf '%s\n' "$changed" | grep -E '^[^ ]*/test_[^/ ]*\.py$' || true)
if [ $# = 0 ]; then
    echo "UITEST: no case file has changed"
    exit 0
fi
echo "UITEST: changed case files first: $*"
pytest --base-url "$WebURL" --browser "$BROWSER" -n auto "$@"
