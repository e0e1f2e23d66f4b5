#!/bin/sh
# Counts of this build's run in one line, for the person who approves: "22 passed, 1 flaky".
uitest status "${CODEBUILD_BUILD_ID:?}" --json | python3 -c '
import json, sys
counts = json.load(sys.stdin)["counts"]
print(", ".join(f"{number} {outcome}" for outcome, number in counts.items()))'
