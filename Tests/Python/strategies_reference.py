"""Federated strategies by their papers' rules in NumPy, step by step.

usage: strategies_reference.py NAME KEY=VALUE... < float64 values
The values are: sites N, rounds R, size D, then N weights, then D values of the start, then R * N * D of the sites' updates
(trained weights minus the round's start). Prints the model behind each round, a value a line.

FedAvg 1602.05629; FedAvgM 1909.06335; FedAdagrad, FedYogi, FedAdam 2003.00295, algorithm 2.
"""
import sys

import numpy as np


def main():
    name = sys.argv[1]
    chosen = {key: float(value) for key, value in (word.split("=") for word in sys.argv[2:])}
    values = np.frombuffer(sys.stdin.buffer.read())
    sites, rounds, size = (int(value) for value in values[:3])
    weights, model, updates = np.split(values[3:], [sites, sites + size])
    updates = updates.reshape(rounds, sites, size)
    momentum = np.zeros(size)
    second = np.full(size, chosen.get("tau", 0.0) ** 2)
    for trained in updates:
        # The papers write the mean of the sites' models; the server's "gradient" is its difference from the round's start.
        mean = ((model + trained) * weights[:, None]).sum(0) / weights.sum()
        delta = mean - model
        if name == "fedavg":
            model = mean
        elif name == "fedavgm":
            momentum = chosen["beta"] * momentum + delta
            model = model + chosen["eta"] * momentum
        else:
            momentum = chosen["beta1"] * momentum + (1 - chosen["beta1"]) * delta
            if name == "fedadagrad":
                second = second + delta**2
            elif name == "fedyogi":
                second = second - (1 - chosen["beta2"]) * delta**2 * np.sign(second - delta**2)
            elif name == "fedadam":
                second = chosen["beta2"] * second + (1 - chosen["beta2"]) * delta**2
            else:
                sys.exit(f"{name} is no strategy of this script")
            model = model + chosen["eta"] * momentum / (np.sqrt(second) + chosen["tau"])
        print(*model, sep="\n")


main()
