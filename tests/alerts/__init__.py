"""Alerts, to real servers on loopback."""
