"""Templates and assets of the status site; ``uitest.render`` fills and writes them. No build step, no CDN."""
