"""Every system end to end: the simulated vendor over real HTTP, read by its connector into a real store."""
