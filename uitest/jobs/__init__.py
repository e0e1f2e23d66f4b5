"""Pure decisions about jobs: the plan, which worker runs which job, and the outcome of each job."""
