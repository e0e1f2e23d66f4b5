#!/bin/sh
# uitest run, and a line that says whose fault a red build is. All options come from the environment.
code=0
uitest run "$@" || code=$?
case $code in
    0) echo "UITEST: green" ;;
    1) echo "UITEST: a case failed, the site is not as its cases want it; the report names them" >&2 ;;
    2) echo "UITEST: set up wrong, nothing was tested; the line above says what to change" >&2 ;;
    *) echo "UITEST: the run broke (exit code $code), so it says nothing about the site; start the build again" >&2 ;;
esac
exit $code
