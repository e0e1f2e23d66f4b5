"""moto's interpreter of state machines as a server: ``python -m tests.support.aws.interpreter`` says on which port.

Left alone it sends every task to moto's own Lambda and S3. Here its tasks go where boto3 goes, so to
``AWS_ENDPOINT_URL_LAMBDA`` and ``AWS_ENDPOINT_URL_S3``. Two things it cannot do: a map that fails is reported as
succeeded, and it redrives nothing.
"""

from typing import Any

import boto3
from botocore.config import Config
from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader.eval import resource_eval_s3
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from werkzeug.serving import make_server

LONGEST_S = 120
"""No invocation of a test takes so long."""


def client(region: str, service: str, state_credentials: Any = None) -> Any:
    """What a task calls its service with."""
    return boto3.client(
        service, region_name=region, config=Config(retries={"total_max_attempts": 1}, read_timeout=LONGEST_S)
    )


def main() -> None:
    """Serve until killed."""
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    for module in (lambda_eval_utils, resource_eval_s3):
        module.boto_client_for = client
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
