"""Storage of runs: stores (SQLite, DynamoDB) for rows, folders and S3 for files."""
