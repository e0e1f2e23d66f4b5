"""The subcommands of ``uitest``, one module each; related ones share a module."""
