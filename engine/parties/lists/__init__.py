"""Official lists: each format as it is published, read whole or refused."""
