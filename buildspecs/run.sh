#!/bin/sh
# Shows the browsers, runs case files that differ from the branch BASE_REF, then the modules; leaves the run's page
# (run.html) and its comment (summary.md) beside the JUnit file, and says last whose fault a red build is. Options come
# from the environment and the command line.
export UITEST_RUN_ID="${UITEST_RUN_ID:-${CODEBUILD_BUILD_ID:-$(date -u +%Y%m%d-%H%M%S)-$$}}"
export UITEST_AGAINST="${UITEST_AGAINST:-${BASE_REF:-}}"
code=0 early=0
if [ -z "${UITEST_EXECUTOR:-}" ]; then
    # Elsewhere the browsers are not this machine's.
    uitest doctor --browser "$BROWSER" || code=$?
fi
if [ $code = 0 ]; then
    if [ -n "${BASE_REF:-}" ]; then
        sh "${0%/*}/changed.sh" || early=$?
    fi
    uitest run "$@" || code=$?
fi
if [ $code = 0 ]; then
    code=$early
fi
if [ $code != 2 ]; then
    if said=$(uitest report "$UITEST_RUN_ID" --single-file .uitest/run.html --markdown .uitest/summary.md 2>&1); then
        cat .uitest/summary.md
    else
        echo "UITEST: neither page nor comment: $said"
    fi
fi
case $code in
    0) echo "UITEST: green" ;;
    1) echo "UITEST: a case failed, the site is not as its cases want it; the report names them" >&2 ;;
    2) echo "UITEST: set up wrong, nothing was tested; the line above says what to change" >&2 ;;
    *) echo "UITEST: the run broke (exit code $code), so it says nothing about the site; start the build again" >&2 ;;
esac
exit $code
