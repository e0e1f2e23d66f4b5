"""What runs in AWS Lambda: ``lambda_runner.handler.handle`` is the function's handler."""
