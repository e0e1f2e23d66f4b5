"""Controls Chrome over the DevTools protocol, to handle commands without chromedriver."""
