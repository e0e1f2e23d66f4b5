"""Time in a session: limits of cases, timers, shorter pauses of waits, seconds by category."""
