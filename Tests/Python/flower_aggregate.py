"""Federated strategies by Flower's own aggregation (flwr.server.strategy), step by step.

usage: flower_aggregate.py NAME KEY=VALUE... < float64 values
Input and output are those of strategies_reference.py. NAME is fedavg, fedprox, fedavgm, fedadam, fedyogi,
fedadagrad, krum, multikrum, trimmedmean or median; KEY is eta, beta, beta1, beta2, tau, mu, or hostile, keep
(of multikrum) and trim (the share of the sites that is cut off at each end).

Where flwr 1.42 differs from the papers' rules, its state is set so that both go by one rule; no formula is
copied:
- v starts at 0 in FedAdam, FedYogi and FedAdagrad, at tau^2 in the papers: `v_t` is set.
- FedAdam multiplies eta by Adam's bias correction, of the round's number plus 1; the papers have none. It is
  given numbers of rounds so high that the correction is 1.
- FedAdagrad's constructor has no beta1 (it is 0): `beta_1` is set.
What is as Flower has it:
- FedProx aggregates as FedAvg does: mu works at the sites.
- Krum adds up the distances to max(1, N - hostile - 2) neighbours, of models, not of updates. With
  `num_clients_to_keep` it gives the mean of the kept weighted by cases, where the paper does not weigh: give
  equal weights to have the paper's.
- FedTrimmedAvg cuts int(trim * N) at each end; it and FedMedian do not weigh. Of an even number the median is
  the mean of the middle two.
"""
import logging
import sys

import numpy as np
from flwr.common import Code, FitRes, Status, ndarrays_to_parameters, parameters_to_ndarrays
from flwr.server import strategy as flower

# Adam's bias correction is 1 from here on, to the last bit.
LATE = 10**9


def made(name, chosen, model):
    """Flower's strategy with segfed's parameters, before the first round."""
    start = ndarrays_to_parameters([model])
    hostile = int(chosen.get("hostile", 0))
    if name == "fedavg":
        return flower.FedAvg()
    if name == "fedprox":
        return flower.FedProx(proximal_mu=chosen["mu"])
    if name == "fedavgm":
        return flower.FedAvgM(
            initial_parameters=start, server_learning_rate=chosen["eta"], server_momentum=chosen["beta"])
    if name == "krum":
        return flower.Krum(num_malicious_clients=hostile)
    if name == "multikrum":
        return flower.Krum(num_malicious_clients=hostile, num_clients_to_keep=int(chosen["keep"]))
    if name == "trimmedmean":
        return flower.FedTrimmedAvg(beta=chosen["trim"])
    if name == "median":
        return flower.FedMedian()
    kinds = {"fedadam": flower.FedAdam, "fedyogi": flower.FedYogi, "fedadagrad": flower.FedAdagrad}
    if name not in kinds:
        sys.exit(f"{name} is no strategy of this script")
    strategy = kinds[name](initial_parameters=start, eta=chosen["eta"], tau=chosen["tau"])
    strategy.beta_1 = chosen["beta1"]
    strategy.beta_2 = chosen.get("beta2", 0.0)
    strategy.v_t = [np.full_like(model, chosen["tau"] ** 2)]
    return strategy


def main():
    name = sys.argv[1]
    chosen = {key: float(value) for key, value in (word.split("=") for word in sys.argv[2:])}
    values = np.frombuffer(sys.stdin.buffer.read())
    sites, rounds, size = (int(value) for value in values[:3])
    weights, model, updates = np.split(values[3:], [sites, sites + size])
    updates = updates.reshape(rounds, sites, size)
    logging.getLogger("flwr").setLevel(logging.ERROR)
    strategy = made(name, chosen, model)
    first = LATE if name == "fedadam" else 1
    for number, trained in enumerate(updates, first):
        results = [
            (None, FitRes(Status(Code.OK, ""), ndarrays_to_parameters([model + update]), weight, {}))
            for update, weight in zip(trained, weights)]
        aggregated, _ = strategy.aggregate_fit(number, results, [])
        model = parameters_to_ndarrays(aggregated)[0]
        print(*model, sep="\n")


main()
