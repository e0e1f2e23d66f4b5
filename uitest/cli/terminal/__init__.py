"""What commands print: progress lines, the table of a period, counts with their noun."""
