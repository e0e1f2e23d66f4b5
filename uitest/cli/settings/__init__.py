"""Where the value of an option comes from: command line, variable, configuration file."""
