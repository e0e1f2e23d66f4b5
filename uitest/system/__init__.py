"""Information from the operating system: processes, memory, cores, home folders."""
