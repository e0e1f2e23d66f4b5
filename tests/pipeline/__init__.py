"""Templates, buildspecs and what deploys them."""
