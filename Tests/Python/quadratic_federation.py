"""Federations of sites with quadratic losses, by each strategy's paper in NumPy (float64).

usage: quadratic_federation.py NAME ROUNDS STEPS RATE N D KEY=VALUE... < float64 values
The values are: N cases, D values of the start, N * D centres. Site i's loss is |w - centre_i|^2 / 2; it takes STEPS steps, or for
fednova STEPS steps a case. The last parameter is what fedbn calls a normalisation layer. Prints the global model behind each
round, a value a line.

FedAvg 1602.05629; FedProx 1812.06127; SCAFFOLD 1910.06378 (option II); FedNova 2007.07481; FedDyn 2111.04263; q-FedAvg
1905.10497; FedBN 2102.07623; Ditto 2012.04221 (its global model); cyclic weight transfer (Chang et al. 2018).
"""
import sys

import numpy as np


def main():
    name, rounds, steps, rate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    sites, size = int(sys.argv[5]), int(sys.argv[6])
    chosen = {key: float(value) for key, value in (word.split("=") for word in sys.argv[7:])}
    values = np.frombuffer(sys.stdin.buffer.read())
    cases, model, centres = np.split(values, [sites, sites + size])
    centres = centres.reshape(sites, size)

    def descend(start, site, extra=lambda w: 0, count=steps):
        w = start.copy()
        for _ in range(count):
            w = w - rate * (w - centres[site] + extra(w))
        return w

    share = cases / cases.sum()
    server = np.zeros(size)
    own = np.zeros((sites, size))
    personal = [None] * sites
    for _ in range(rounds):
        if name == "cyclic":
            for site in range(sites):
                model = descend(model, site)
        elif name == "scaffold":
            trained = [descend(model, i, lambda w: server - own[i]) for i in range(sites)]
            fresh = np.array([own[i] - server + (model - trained[i]) / (steps * rate) for i in range(sites)])
            model = model + chosen["eta"] * (np.mean(trained, 0) - model)
            server = server + (fresh - own).mean(0)
            own = fresh
        elif name == "feddyn":
            alpha = chosen["alpha"]
            trained = [descend(model, i, lambda w: -own[i] + alpha * (w - model)) for i in range(sites)]
            own = np.array([own[i] - alpha * (trained[i] - model) for i in range(sites)])
            server = server - alpha / sites * np.sum([w - model for w in trained], 0)
            model = np.mean(trained, 0) - server / alpha
        elif name == "fednova":
            taus = [int(steps * n) for n in cases]
            trained = [descend(model, i, count=taus[i]) for i in range(sites)]
            # a_i of plain SGD is (1, ..., 1): its norm is tau_i.
            directions = [(model - trained[i]) / taus[i] for i in range(sites)]
            effective = sum(share[i] * taus[i] for i in range(sites))
            model = model - effective * sum(share[i] * directions[i] for i in range(sites))
        elif name == "qfedavg":
            q, lipschitz = chosen["q"], chosen["lipschitz"]
            losses = [((model - centres[i]) ** 2).sum() / 2 + 1e-10 for i in range(sites)]
            moves = [lipschitz * (model - descend(model, i)) for i in range(sites)]
            deltas = [losses[i] ** q * moves[i] for i in range(sites)]
            hs = [
                q * losses[i] ** (q - 1) * (moves[i] ** 2).sum() + lipschitz * losses[i] ** q for i in range(sites)
            ]
            model = model - np.sum(deltas, 0) / np.sum(hs)
        elif name == "fedbn":
            trained = []
            for i in range(sites):
                start = model.copy()
                if personal[i] is not None:
                    start[-1] = personal[i]
                trained.append(descend(start, i))
                personal[i] = trained[-1][-1]
            model = sum(share[i] * trained[i] for i in range(sites))
        elif name in ("fedavg", "ditto", "fedprox"):
            mu = chosen.get("mu", 0.0)
            model = sum(share[i] * descend(model, i, lambda w: mu * (w - model)) for i in range(sites))
        else:
            sys.exit(f"{name} is no strategy of this script")
        print(*model, sep="\n")


main()
