"""A run from its plan to its end: submits attempts, watches the store, decides when and how it ends."""
