#!/bin/sh
# Lambda tells its runtime's address and gives at most the name of a handler; everybody else gives a command.
set -eu
if [ -n "${AWS_LAMBDA_RUNTIME_API:-}" ]; then
    exec python -m awslambdaric "${1:-lambda_runner.handler.handle}"
fi
[ $# -gt 0 ] || set -- uitest --help
exec "$@"
