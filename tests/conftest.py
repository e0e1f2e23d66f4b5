"""What every test may use; ``pytester`` runs pytest inside pytest."""

pytest_plugins = ["pytester"]
