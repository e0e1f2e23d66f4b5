"""An emulated AWS account on this machine, for trying uitest and for tests with injected faults.

``endpoint`` serves Lambda's Invoke API on 127.0.0.1, ``service`` queues and runs invocations as Lambda does,
``process`` is an environment that runs a handler with AWS's runtime client, ``faults`` draws faults at random.
"""
