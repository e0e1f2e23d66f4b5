"""AWS list prices in US dollars.

Region US East (N. Virginia), x86, first tier, without free tier or discounts. Other regions differ by some ten percent.

    Lambda      https://aws.amazon.com/lambda/pricing/
    DynamoDB    https://aws.amazon.com/dynamodb/pricing/on-demand/ (since its halving in November 2024)
    Step Functions    https://aws.amazon.com/step-functions/pricing/ (standard workflows)
"""

AS_OF = "2025-07"
"""Date of the newest source of these prices."""

LAMBDA_REQUEST = 0.20 / 1_000_000
LAMBDA_GB_S = 0.0000166667
DYNAMODB_WRITE = 0.625 / 1_000_000
"""A write request unit: one write of an item, per kilobyte begun."""
STATE_TRANSITION = 0.025 / 1_000
