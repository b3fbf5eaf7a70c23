"""Every way in which a provider or the way to it can fail, produced and judged."""
