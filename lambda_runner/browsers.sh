#!/bin/sh
# Installs the image's browsers and what they need: browsers.sh CHROME FIREFOX WEBKIT, each a version such as 156.*
#
# Where the mirror does not have a version, its newest is taken and a line says so: Debian keeps only the newest build of a
# browser, so a version of uitest could otherwise build no image any more once Debian has moved on. Whether uitest works
# with the newer browser is seen when the image is built: it starts each of them.
set -eu

# Prints "=VERSION" if these packages can be installed in it, else nothing.
version() {
    version=$1
    shift
    pinned=
    for package in "$@"; do pinned="$pinned $package=$version"; done
    # Each word is a package; a version's * is apt's own pattern, and no file is named like that.
    if apt-get install -s -qq --no-install-recommends $pinned >/dev/null 2>&1; then
        echo "=$version"
    else
        echo "note: the mirror does not have $1 $version, with which this uitest was tested; its newest is taken" >&2
    fi
}

chrome=$(version "$1" chromium chromium-common chromium-driver chromium-headless-shell)
firefox=$(version "$2" firefox-esr)
webkit=$(version "$3" webkit2gtk-driver)
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "chromium$chrome" "chromium-common$chrome" "chromium-driver$chrome" "chromium-headless-shell$chrome" \
    "firefox-esr$firefox" "webkit2gtk-driver$webkit" \
    ca-certificates fonts-liberation git python3 xvfb >/dev/null
