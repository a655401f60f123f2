"""What SciPy says of tests and bootstrap intervals.

usage: inference_reference.py wilcoxon < JSON list of lists      prints [statistic, p] of each list of differences
       inference_reference.py normal < JSON list of numbers      prints [cumulative, upper tail, quantile] of each
       inference_reference.py bootstrap < JSON of {sites, distribution, confidence, method, each}
                                        prints [lower, upper] that SciPy gives for a distribution drawn elsewhere
       inference_reference.py summary < JSON list of lists       prints what describes each
"""
import json
import sys

import numpy as np
import scipy.stats as stats
from scipy.special import ndtr, ndtri
from scipy.stats._resampling import BootstrapResult

given = json.load(sys.stdin)


def wilcoxon(differences):
    found = stats.wilcoxon(differences)
    return [float(found.statistic), float(found.pvalue)]


def plain_mean(values):
    total = 0.0
    for value in values:
        total += float(value)
    return total / len(values)


def bootstrap(given):
    sites = [np.array(site) for site in given["sites"]]

    def statistic(drawn):
        # Plain sums in order: what is drawn alike is equal to the last bit, as where the distribution comes from.
        chosen = [sites[int(index)] for index in drawn]
        if given["each"] == "case":
            return plain_mean([value for site in chosen for value in site])
        return plain_mean([plain_mean(site) for site in chosen])

    before = BootstrapResult(None, np.array(given["distribution"]), None)
    found = stats.bootstrap(
        (np.arange(len(sites)),), statistic, n_resamples=0, vectorized=False, method=given["method"],
        confidence_level=given["confidence"], bootstrap_result=before).confidence_interval
    return [float(found.low), float(found.high)]


def summary(values):
    values = np.array(values)
    pairs = np.abs(values[:, None] - values[None, :]).mean()
    worst = np.sort(values)[: int(np.ceil(len(values) / 10))]
    return dict(
        mean=values.mean(), median=np.median(values), deviation=stats.tstd(values), range=np.ptp(values),
        worst=int(np.argmin(values)), decile=worst.mean(), gini=pairs / 2 / values.mean())


match sys.argv[1]:
    case "wilcoxon":
        print(json.dumps([wilcoxon(one) for one in given]))
    case "normal":
        quantiles = [ndtri(ndtr(z)) for z in given]
        print(json.dumps([
            [float(ndtr(z)), float(ndtr(-z)), float(quantile) if np.isfinite(quantile) else None]
            for z, quantile in zip(given, quantiles)]))
    case "bootstrap":
        print(json.dumps(bootstrap(given)))
    case "summary":
        print(json.dumps([summary(one) for one in given]))
