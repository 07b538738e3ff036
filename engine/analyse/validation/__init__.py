"""How well names are found on one's own lists at one's own threshold: measured, and told as a page and as data."""
