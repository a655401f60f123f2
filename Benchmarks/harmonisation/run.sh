#!/usr/bin/env bash
# `make harmonisation`: does harmonising intensities help at a site that never trained? Two sites of `demo` are held out in
# turn, each method is trained with several seeds, and tested on fresh cases of the held-out site.
# SITES ("cedar linden"), SEEDS ("1 2 3"), CASES (20) fresh cases, METHODS; a cell that is there is not run again.
set -euo pipefail
cd "$(dirname "$0")/../.."
segfed=${SEGFED:-.build/release/segfed}
folder=${FOLDER:-runs/harmonisation}
methods=${METHODS:-"none z-score atlas n4-atlas"}
sites=${SITES:-"cedar linden"}
seeds=${SEEDS:-"1 2 3"}
cases=${CASES:-20}

declare -A options=(
  [none]="--intensity none" [z-score]="--intensity z-score" [atlas]="--intensity atlas"
  [n4-atlas]="--intensity atlas --bias-field n4"
)
mkdir -p "$folder"
# From the seed of SampleData: the same sites, other subjects.
if [[ ! -d $folder/fresh ]]; then
  $segfed simulate --profile demo --seed 1 --split test --cases "$cases" --output "$folder/fresh-all" --quiet
  for site in $sites; do mkdir -p "$folder/fresh/$site" && mv "$folder/fresh-all/$site" "$folder/fresh/$site/$site"; done
  rm -r "$folder/fresh-all"
fi
for seed in $seeds; do
  for site in $sites; do
    for method in $methods; do
      run=$folder/$method-$site-$seed
      if [[ -f $run/scores/metrics.json ]]; then continue; fi
      # shellcheck disable=SC2086
      $segfed train --data SampleData --output "$run/model" --hold-out-site "$site" --seed "$seed" ${options[$method]} \
        --force --quiet "$@" >"$folder/log.txt"
      $segfed evaluate --model "$run/model" --data "$folder/fresh/$site" --output "$run/scores" --force --quiet >>"$folder/log.txt"
      echo "$method, without $site, seed $seed: $(grep -m1 "^$site" "$folder/log.txt" | tail -1)"
    done
  done
done
python3 Benchmarks/harmonisation/table.py "$folder" $methods
