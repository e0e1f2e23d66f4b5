"""AWS Lambda on this machine, as far as uitest uses it: for trying things, and for tests that make it fail.

``endpoint`` speaks the Invoke API on 127.0.0.1, ``service`` queues and runs invocations as Lambda does, ``process`` is
an environment that runs a handler through AWS's own runtime client, ``faults`` says what goes wrong how often.
"""
