"""Percentiles by NumPy, and the correlation ratio by SciPy's analysis of variance.

usage: statistics_reference.py percentiles P1 P2 ... < float64 values    prints one percentile a line, of the values
                                                                         that are not 0
       statistics_reference.py eta N1 N2 ... < float64 values            prints η² of groups of N1, N2, ... values
"""
import sys

import numpy as np
from scipy.stats import f_oneway

values = np.frombuffer(sys.stdin.buffer.read())
if sys.argv[1] == "percentiles":
    for percent in sys.argv[2:]:
        print(np.percentile(values[values != 0], float(percent)))
else:
    sizes = [int(text) for text in sys.argv[2:]]
    groups = np.split(values, np.cumsum(sizes)[:-1])
    between, within = len(sizes) - 1, len(values) - len(sizes)
    ratio = f_oneway(*groups).statistic * between / within
    print(ratio / (1 + ratio))
