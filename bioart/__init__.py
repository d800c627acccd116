"""bioart: an instrument for living light."""

import os

__version__ = "0.1.0"

# What Taichi says of itself as it is imported: stdout carries results only, stderr faults only.
os.environ.setdefault("ENABLE_TAICHI_HEADER_PRINT", "0")
os.environ.setdefault("TI_ENABLE_PYBUF", "0")
