#!/bin/sh
# Lambda tells its runtime's address and gives at most the name of a handler; everybody else gives a command.
set -eu
if [ -n "${AWS_LAMBDA_RUNTIME_API:-}" ]; then
    # -P: modules of the repository in the working directory must not take the place of the handler's.
    exec python -P -m awslambdaric "${1:-lambda_runner.handler.handle}"
fi
[ $# -gt 0 ] || set -- uitest --help
exec "$@"
