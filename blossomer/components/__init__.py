"""What pages are made of. Components get their data by parameter and decide nothing."""
