"""Everybody whom the kept snapshots of official lists name, and when: histories, and the listings made of them."""
