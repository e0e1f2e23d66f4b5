"""The emulated account: its resources, and the environment variables that direct clients to it."""

import os
from collections.abc import Mapping

from uitest import aws
from uitest.errors import PlaceError, StoreError
from uitest.storage.stores.dynamodb import create_tables

MODULE_TABLE, STATUS_TABLE = "uitest-modules", "uitest-status"
BUCKET = "uitest-results"
TOPIC = "uitest-runs"
FUNCTION = "uitest"
REGION = "eu-west-1"

SITE = f"s3://{BUCKET}"


def activate(url: str, lambda_url: str) -> dict[str, str]:
    """Direct this process and its children to the account at these addresses, and return the variables that do so.

    Every other ``AWS_`` variable is removed, as a profile or an endpoint for one service could lead to a real account.
    The keys are invalid, so that a real account would refuse any request that reaches it.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    variables = {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": url,
        "AWS_ENDPOINT_URL_LAMBDA": lambda_url,
    }
    os.environ.update(variables)
    return variables


def create_resources() -> str:
    """Create tables, bucket and topic; returns the topic's ARN. Raises StoreError, PlaceError."""
    tables = aws.client("dynamodb")
    create_tables(tables, MODULE_TABLE, STATUS_TABLE)
    with aws.translating(PlaceError, aws.Resource("s3", f"S3 bucket {BUCKET!r}")):
        aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    with aws.translating(StoreError, aws.Resource("sns", f"SNS topic {TOPIC!r}")):
        return str(aws.client("sns").create_topic(Name=TOPIC)["TopicArn"])


def run_variables(concurrency: int, site_url: str, topic: str) -> Mapping[str, str]:
    """Options of ``uitest run`` that make it use the account."""
    return {
        "UITEST_STORE": f"dynamodb:{MODULE_TABLE},{STATUS_TABLE}",
        "UITEST_ARTIFACTS": f"{SITE}/artifacts",
        "UITEST_SITE": SITE,
        "UITEST_SITE_URL": site_url,
        "UITEST_TOPIC": topic,
        "UITEST_EXECUTOR": "lambda",
        "UITEST_FUNCTION": FUNCTION,
        "UITEST_MAX_CONCURRENCY": str(concurrency),
    }
