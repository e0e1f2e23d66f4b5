#!/bin/sh
# Makes this machine ready: a virtual environment with pinned packages, and the browsers that are missing.
# Safe to run again; does nothing where nothing is missing.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo; then sudo "$@"; else
        say "setup: need root to run: $*"; say "setup: run it yourself, then try again"; exit 3
    fi
}

apt_install() {
    if ! have apt-get; then say "setup: please install: $*"; exit 3; fi
    as_root apt-get update -qq
    say "setup: installing $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# 1. Python and its packages
python=
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if have "$name" && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then python=$name; break; fi
done
[ -n "$python" ] || { say "setup: Python 3.11 or newer is needed"; exit 3; }
if [ ! -x .venv/bin/python ]; then
    "$python" -c 'import ensurepip' 2>/dev/null || apt_install python3-venv
    say "setup: making .venv"
    "$python" -m venv .venv
fi
wanted=$(cat setup.cfg pyproject.toml constraints.txt | cksum)
if [ "$(cat .venv/.installed 2>/dev/null || true)" != "$wanted" ]; then
    say "setup: installing Python packages"
    # What an older checkout installed under the name that it had then.
    .venv/bin/python -m pip uninstall -q -y uitest 2>/dev/null || true
    rm -rf uitest.egg-info
    .venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[test]' 2>.venv/pip.log ||
        { cat .venv/pip.log >&2; exit 3; }
    printf '%s' "$wanted" > .venv/.installed
fi

# 2. Browsers
missing=$(.venv/bin/uitest install --dry-run)
case $missing in
    *"everything is installed") ;;
    *) .venv/bin/uitest install >&2 ;;
esac
