"""Pure decisions about jobs: which there are, which worker takes them, what became of them."""
