"""How many threads numpy's matrix products take."""

import contextlib
import ctypes
from pathlib import Path

import numpy as np


def keep_products_on_one_thread() -> None:
    """Tell numpy's OpenBLAS not to share a product among threads, for the whole process.

    At these sizes its helper threads gain nothing in CPU and spin between calls on the cores that other sessions need.
    Only the OpenBLAS that numpy's wheels carry can be told so from here; other BLAS libraries are left as they are.
    """
    for library in carried_blas():
        for name in ("scipy_openblas_set_num_threads64_", "openblas_set_num_threads64_"):  # numpy 2, numpy 1
            with contextlib.suppress(OSError, AttributeError):
                ctypes.CDLL(str(library))[name](1)


def carried_blas() -> list[Path]:
    """The BLAS libraries that numpy's wheel brought along."""
    root = Path(np.__file__).parent
    return [*root.parent.glob("numpy.libs/*openblas*"), *root.glob(".dylibs/*openblas*")]
