#!/bin/sh
# Runs a command where it can reach a container engine: the one that answers, else a Docker engine that is started by
# hand and ends with the command. The command finds the client's name in DOCKER, or in NO_ENGINE why there is none: what
# to do then is the command's to decide. Never waits for long, never leaves an engine behind.
#
# The engine is started without networks of its own (containers use the host's): that needs neither iptables nor a
# bridge, which machines that are containers themselves often lack, and changes nothing in the machine's firewall.
set -u
unset DOCKER NO_ENGINE

PATIENCE_S=60
say() { printf 'engine: %s\n' "$*" >&2; }
answers() { timeout 20 "$1" version -f '{{.Server.Version}}' >/dev/null 2>&1; }
builds() {
    # Newer clients cannot without a plugin that they may lack; Debian's, of version 20, can by itself.
    timeout 20 "$1" buildx version >/dev/null 2>&1 || "$1" --version | grep -q ' version 20\.'
}
client() {
    for name in docker /usr/bin/docker; do
        if command -v "$name" >/dev/null && builds "$name"; then printf %s "$name"; return; fi
    done
    return 1
}

none() { NO_ENGINE=$*; export NO_ENGINE; say "none: $NO_ENGINE"; }
install() {
    [ "$(id -u)" = 0 ] || { none "no engine that can build answers, and starting one needs root"; return 1; }
    if command -v dockerd >/dev/null && client >/dev/null; then return 0; fi
    command -v apt-get >/dev/null || { none "there is neither dockerd nor apt-get to install it"; return 1; }
    say "installing docker.io"
    timeout 120 apt-get update -qq >"$scratch/log" 2>&1
    plugin=$(apt-cache pkgnames docker-buildx)  # in a package of its own, or none is needed
    if ! DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y -qq --no-install-recommends docker.io $plugin \
        >>"$scratch/log" 2>&1 </dev/null; then
        none "docker.io cannot be installed: $(tail -n 1 "$scratch/log")"
        return 1
    fi
}
start() {
    dockerd --iptables=false --bridge=none --pidfile "$scratch/pid" >"$scratch/log" 2>&1 </dev/null &
    daemon=$!
    for _ in $(seq "$PATIENCE_S"); do
        if answers "$DOCKER"; then return 0; fi
        kill -0 "$daemon" 2>/dev/null || break
        sleep 1
    done
    none "dockerd does not start: $(grep -v level=info "$scratch/log" | tail -n 1)"
    return 1
}
finish() {
    if [ -n "$daemon" ]; then
        kill "$daemon" 2>/dev/null
        { sleep 30; kill -KILL "$daemon"; } >/dev/null 2>&1 &
        wait "$daemon" 2>/dev/null
        kill "$!"
    fi
    rm -rf "$scratch"
}

scratch=$(mktemp -d) daemon=
trap finish EXIT
trap 'exit 130' INT TERM HUP
if DOCKER=$(client) && answers "$DOCKER"; then
    export DOCKER
elif install && DOCKER=$(client) && { answers "$DOCKER" || start; }; then
    export DOCKER
else
    [ -n "${NO_ENGINE:-}" ] || none "no docker client that can build"
fi
"$@"
