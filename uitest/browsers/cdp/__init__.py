"""Chrome over the DevTools protocol: commands that are answered without chromedriver."""
