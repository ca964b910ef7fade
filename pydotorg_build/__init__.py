"""Builds python.org: content and a snapshot in, a folder of files out.  Start at build.py."""

__version__ = "0.1.0"
