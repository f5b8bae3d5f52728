"""Exports on many machines, and videos that are in no folder of this one."""
