"""What the operating system knows: processes, memory, cores, home folders."""
