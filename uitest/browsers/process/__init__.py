"""Browser and driver programs: found, started, guarded, handed over, ended."""
