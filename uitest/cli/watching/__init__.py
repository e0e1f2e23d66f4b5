"""What ``uitest watch`` is made of: changes of files, what they affect, sessions of pytest in forks, and keys."""
