"""Where runs and their files are kept: stores for rows, folders and buckets for files."""
