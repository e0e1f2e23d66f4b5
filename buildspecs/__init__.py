"""CloudFormation templates and CodeBuild buildspecs: package data, read by ``uitest.deploy``."""
