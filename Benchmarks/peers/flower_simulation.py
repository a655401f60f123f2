"""FedAvg of a segfed plan in Flower's simulation, sites training in PyTorch.

usage: flower_simulation.py --plan PLAN --seed N --data FOLDER --rounds N --steps N --output FILE
                            [--threads N] [--clients-at-once N]
       flower_simulation.py --plan PLAN --seed N --write-start FILE

Cases are `<site>/<case>/<case>_<contrast>.nii.gz` with `<case>_seg.nii.gz`. Writes the last model with the
names and layout of segfed's model files, and prints JSON: seconds of each round. The second form writes the
weights that training starts from, with nnU-Net's names, for another program to start from.
"""
import argparse
import json
import time
from importlib.metadata import version
from pathlib import Path

import torch
import yaml
from flwr.app import ArrayRecord, ConfigRecord, MetricRecord
from flwr.serverapp import ServerApp
from flwr.serverapp.strategy import FedAvg
from flwr.simulation import run_simulation
from safetensors.torch import save_file

import flower_client
from training import network, write_start


def main():
    options = parsed_options()
    plan = yaml.safe_load(Path(options.plan).read_text())
    assert plan["augmentation"] == "gain-offset" and plan["dimensions"] == 3
    if options.write_start:
        return write_start(plan, options.seed, options.write_start)
    model, seconds = simulated(plan, options)
    save_file({name: (value.permute(4, 3, 2, 1, 0) if value.ndim == 5 else value).contiguous()
               for name, value in model.items()}, options.output)
    print(json.dumps({
        "rounds": seconds,
        "version": f"Flower {version('flwr')}, Ray {version('ray')}, PyTorch {torch.__version__}"}))


def parsed_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plan", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--write-start", metavar="FILE", help="write this file and do nothing else")
    parser.add_argument("--data")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--steps", type=int, help="of each site in a round")
    parser.add_argument("--output", metavar="FILE")
    parser.add_argument("--threads", type=int, default=2, help="of all clients together (default: 2)")
    parser.add_argument("--clients-at-once", type=int, default=2,
                        help="that train at the same time, threads divided among them (default: 2)")
    options = parser.parse_args()
    if not options.write_start and None in (options.data, options.rounds, options.steps, options.output):
        parser.error("--data, --rounds, --steps and --output are needed, or --write-start")
    return options


def simulated(plan, options):
    """The last model's tensors, and seconds of each round; the first has the start of Ray in it."""
    sites = sorted(str(folder.resolve()) for folder in Path(options.data).iterdir() if folder.is_dir())
    threads = options.threads // options.clients_at_once
    config = {
        "plan": Path(options.plan).read_text(), "sites": sites, "seed": options.seed,
        "rounds": options.rounds, "steps": options.steps, "threads": threads}
    clock, results = [], []
    server = ServerApp()

    @server.main()
    def run(grid, context):
        # Flower goes on with fewer sites where one fails: counted, and looked at in the end.
        strategy = FedAvg(
            fraction_evaluate=0.0, min_train_nodes=len(sites), min_available_nodes=len(sites),
            train_metrics_aggr_fn=lambda records, key: MetricRecord({"sites": len(records)}))
        results.append(strategy.start(
            grid, ArrayRecord(network(plan, options.seed).state_dict()), options.rounds,
            train_config=ConfigRecord(config),
            evaluate_fn=lambda number, arrays: clock.append(time.perf_counter())))

    run_simulation(
        server, flower_client.app, len(sites),
        backend_config={
            "client_resources": {"num_cpus": threads}, "init_args": {"num_cpus": options.threads}})
    taken = [metrics["sites"] for metrics in results[0].train_metrics_clientapp.values()]
    if taken != [len(sites)] * options.rounds:
        raise SystemExit(f"sites in each round: found {taken}, expected {len(sites)} in {options.rounds}")
    seconds = [round(after - before, 4) for before, after in zip(clock, clock[1:])]
    return results[0].arrays.to_torch_state_dict(), seconds


if __name__ == "__main__":
    main()
