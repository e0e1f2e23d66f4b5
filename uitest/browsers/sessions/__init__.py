"""Which case gets which browser."""
