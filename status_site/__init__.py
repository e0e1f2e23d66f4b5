"""Templates and assets of the status site; ``uitest.reporting.site`` fills and writes them. No build step, no CDN."""
