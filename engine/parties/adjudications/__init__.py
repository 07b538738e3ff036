"""What people answered to "is this the listed one?", and whether it still holds."""
