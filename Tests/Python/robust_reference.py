"""Robust aggregation by its papers' rules in NumPy.

usage: robust_reference.py NAME KEY=VALUE... < float64 values > float64 values
The values are: sites N, size D, whether there is a root (0 or 1), then N weights, then the root's D values if there is one, then
N * D of the sites' updates. Writes the D values of the step, then N shares, NaN where a rule has none.

median and trimmed mean 1803.01498; Krum and Multi-Krum 1703.02757; RFA 1912.13445; norm clipping 1911.07963; FLTrust 2012.13995.
"""
import sys

import numpy as np


def krum_order(updates, hostile):
    sites = len(updates)
    scores = []
    for site in range(sites):
        others = [((updates[site] - updates[other]) ** 2).sum() for other in range(sites) if other != site]
        scores.append(sum(sorted(others)[: sites - hostile - 2]))
    return np.argsort(scores, kind="stable")


def geometric_median(updates, weights, smoothing, iterations):
    alphas = weights / weights.sum()
    middle = alphas @ updates
    for _ in range(iterations):
        betas = alphas / np.maximum(smoothing, np.linalg.norm(updates - middle, axis=1))
        shares = betas / betas.sum()
        before, middle = middle, shares @ updates
        if np.linalg.norm(middle - before) <= 1e-13 * np.linalg.norm(middle):
            break
    return middle, shares


def fltrust(updates, root):
    length = np.linalg.norm(root)
    norms = np.linalg.norm(updates, axis=1)
    trust = np.maximum(0, updates @ root / (norms * length))
    if trust.sum() == 0:
        return np.zeros_like(root), trust
    return ((trust * length / norms)[:, None] * updates).sum(0) / trust.sum(), trust / trust.sum()


def main():
    name = sys.argv[1]
    chosen = {key: float(value) for key, value in (word.split("=") for word in sys.argv[2:])}
    values = np.frombuffer(sys.stdin.buffer.read())
    sites, size, roots = (int(value) for value in values[:3])
    weights, root, updates = np.split(values[3:], [sites, sites + roots * size])
    updates = updates.reshape(sites, size)
    shares = np.full(sites, np.nan)
    if name == "median":
        step = np.median(updates, axis=0)
    elif name == "trimmedmean":
        from scipy import stats  # It takes a second, which the others need not wait.

        step = stats.trim_mean(updates, chosen["trim"], axis=0)
    elif name in ("krum", "multikrum"):
        hostile = int(chosen["hostile"])
        keep = 1 if name == "krum" else int(chosen["keep"]) or sites - hostile
        best = krum_order(updates, hostile)[:keep]
        step = updates[best].mean(0)
        shares = np.isin(np.arange(sites), best) / keep
    elif name == "rfa":
        step, shares = geometric_median(updates, weights, chosen["nu"], int(chosen["iterations"]))
    elif name == "normclip":
        norms = np.linalg.norm(updates, axis=1)
        limit = chosen["norm"] or np.median(norms)
        clipped = updates * np.minimum(1, limit / norms)[:, None]
        step = weights @ clipped / weights.sum()
    elif name == "fltrust":
        step, shares = fltrust(updates, root)
    else:
        sys.exit(f"{name} is no strategy of this script")
    sys.stdout.buffer.write(np.concatenate([step, shares]).astype(np.float64).tobytes())


main()
