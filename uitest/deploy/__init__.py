"""Deploys the stack of the pipeline to an AWS account, updates it and removes it."""
