"""What people and other tools read about a run: site, terminal, JUnit, Allure, CSV, messages, costs."""
