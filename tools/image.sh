#!/bin/sh
# Builds the images "uitest-base" and, with the sample cases, "uitest", in a shell that tools/engine.sh started. Words go to
# docker build of the base: --build-arg CHROME=157.*
# Exit codes: 3 if the build fails, 69 if it cannot even begin, for want of an engine or a base image.
#
# The base image is pulled where a registry can be reached; elsewhere debootstrap makes one of the same packages.
set -eu
cd "$(dirname "$0")/.."

BASE=public.ecr.aws/docker/library/debian:bookworm-slim
say() { printf 'image: %s\n' "$*" >&2; }
fail() { code=$1; shift; say "$*"; exit "$code"; }

have_base() { "$DOCKER" image inspect "$BASE" >/dev/null 2>&1; }
pull_base() { say "pulling $BASE"; timeout 180 "$DOCKER" pull -q "$BASE" >/dev/null 2>&1; }
make_base() {
    say "no registry to pull from; making $BASE with debootstrap"
    [ "$(id -u)" = 0 ] || return 1
    if ! command -v debootstrap >/dev/null; then
        timeout 120 apt-get update -qq >"$log" 2>&1
        timeout 120 apt-get install -y -qq --no-install-recommends debootstrap >"$log" 2>&1 || return 1
    fi
    tree=$(mktemp -d /var/tmp/uitest-base.XXXXXX)
    timeout 400 debootstrap --variant=minbase bookworm "$tree" >"$log" 2>&1 || return 1
    rm -f "$tree"/var/cache/apt/archives/*.deb
    sed 's/^\(deb [^ ]*\) bookworm .*/\1 bookworm main\n\1 bookworm-updates main\n\1-security bookworm-security main/' \
        "$tree/etc/apt/sources.list" > "$tree/etc/apt/sources.list.d/all.list"
    : > "$tree/etc/apt/sources.list"
    # As in the public one: no manuals and translations, of these packages and of all that come after.
    for path in doc info locale man; do
        rm -rf "${tree:?}/usr/share/$path"
        echo "path-exclude /usr/share/$path/*" >> "$tree/etc/dpkg/dpkg.cfg.d/slim"
    done
    tar -C "$tree" -c . | timeout 120 "$DOCKER" import - "$BASE" >/dev/null
}

[ -n "${DOCKER:-}" ] || fail 69 "no container engine: ${NO_ENGINE:-run this as: tools/engine.sh tools/image.sh}"
log=$(mktemp) tree=
context=$(mktemp -d)
trap 'rm -rf "$log" "$context" ${tree:+"$tree"}' EXIT
trap 'exit 130' INT TERM HUP
have_base || pull_base || make_base ||
    fail 69 "there is no base image $BASE, and none could be pulled or made: $(tail -n 1 "$log")"
build() { DOCKER_BUILDKIT=1 BUILDX_NO_DEFAULT_ATTESTATIONS=1 timeout 1200 "$DOCKER" build --progress plain --network host "$@" >"$log" 2>&1; }
# Some engines start where their containers cannot.
printf 'FROM %s\nRUN true\n' "$BASE" | build - || fail 69 "the engine cannot run containers: $(tail -n 1 "$log")"

began=$(date +%s)
# What this machine trusts beyond the usual certificates, for networks that need it.
ca=${PIP_CERT:-${SSL_CERT_FILE:-/dev/null}}
broken() { tail -n 30 "$log" >&2; fail 3 "the build failed"; }
"${PYTHON:-.venv/bin/python}" -m uitest image --image-folders cases --context "$context" 2>"$log" >/dev/null || broken
build --secret "id=ca,src=$ca" --build-arg PIP_INDEX_URL -t uitest-base "$@" "$context" || broken
build --secret "id=ca,src=$ca" --build-arg PIP_INDEX_URL -f "$context/cases.Dockerfile" -t uitest "$context" || broken
bytes=$("$DOCKER" image inspect -f '{{.Size}}' uitest)
say "built uitest in $(($(date +%s) - began)) s, $((bytes / 1000000)) MB"
