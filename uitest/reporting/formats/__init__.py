"""A run in files for other tools: JUnit, Allure, CSV, one HTML file."""
