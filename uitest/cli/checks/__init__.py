"""Looks before a command acts: are places, addresses and browsers usable, what does a folder contain."""
