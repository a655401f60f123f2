#!/usr/bin/env bash
# `make federation`: the grids of this folder by `segfed sweep`, on simulated sites, tested on fresh cases of the same sites.
# GRIDS (all) names some of them; a run that is there is not made again. Results are copied to Benchmarks/results.
set -euo pipefail
cd "$(dirname "$0")/../.."
segfed=${SEGFED:-.build/release/segfed}
sites=runs/sites

simulate() { # folder, arguments
  [[ -d $sites/$1 ]] || $segfed simulate --output "$sites/$1" --quiet "${@:2}"
}
mkdir -p $sites
simulate six --profile demo --seed 1
simulate six-fresh --profile demo --seed 101 --split test --cases 20
# The scanners of fets23 are drawn from the seed: fresh cases of the same sites have the same one.
simulate ten --profile fets23 --sites 10 --spacing 3 --cases 6 --seed 1
simulate ten-fresh --profile fets23 --sites 10 --spacing 3 --cases 20 --seed 1 --split test
simulate uneven --profile fets23 --sites 10 --scale 0.1 --spacing 3 --seed 1
simulate uneven-fresh --profile fets23 --sites 10 --cases 20 --spacing 3 --seed 1 --split test
simulate coordinator --profile demo --sites 3 --seed 201 --split test --cases 1

for file in Benchmarks/federation/*.yaml; do
  grid=$(basename "$file" .yaml)
  if [[ -n ${GRIDS:-} && " $GRIDS " != *" $grid "* ]]; then continue; fi
  results=Benchmarks/results/$grid
  mkdir -p "$results"
  $segfed sweep "$file" --output "runs/sweeps/$grid" "$@" | tee runs/table.txt
  cp "runs/sweeps/$grid/results.jsonl" "runs/sweeps/$grid/results.csv" "$results"
  mv runs/table.txt "$results"
done
