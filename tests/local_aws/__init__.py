"""Tests of the AWS that runs on this machine."""
