"""Makes attempts in AWS: Lambda invocations, directly or in the map of a state machine."""
