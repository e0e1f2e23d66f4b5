"""moto's interpreter of state machines as a server: ``python -m tests.support.interpreter PORT``.

Left alone it sends every task to moto's own Lambda and S3. Here its tasks go where boto3 goes, so to
``AWS_ENDPOINT_URL_LAMBDA`` and ``AWS_ENDPOINT_URL_S3``. Two things it cannot do: a map that fails is reported as
succeeded, and it redrives nothing.
"""

import sys
import time
from typing import Any

import boto3
from botocore.config import Config
from moto.core.config import default_user_config
from moto.server import ThreadedMotoServer
from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader.eval import resource_eval_s3
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

LONGEST_S = 120
"""No invocation of a test takes so long."""


def client(region: str, service: str, state_credentials: Any = None) -> Any:
    """What a task calls its service with."""
    return boto3.client(
        service, region_name=region, config=Config(retries={"total_max_attempts": 1}, read_timeout=LONGEST_S)
    )


def main(port: int) -> None:
    """Serve until killed."""
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    for module in (lambda_eval_utils, resource_eval_s3):
        module.boto_client_for = client
    ThreadedMotoServer("127.0.0.1", port).start()
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main(int(sys.argv[1]))
