"""The code of the Lambda function; its handler is ``lambda_runner.handler.handle``."""
