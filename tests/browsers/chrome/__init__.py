"""Direct commands and contexts of Chrome beside chromedriver."""
