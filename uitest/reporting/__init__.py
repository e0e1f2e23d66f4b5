"""Reports of a run for people and other tools: site, terminal, JUnit, Allure, CSV, messages, costs."""
