"""What is kept of a case: screenshot, page source, console, trace; secrets are masked in reports."""
