"""Who a name may be: an index of listed names that is not scanned, and a score that explains itself."""
