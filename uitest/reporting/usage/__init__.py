"""What a run used: seconds by category, processor load, money."""
