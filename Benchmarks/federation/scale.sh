#!/usr/bin/env bash
# `make scale`: 2, 23 and 71 sites of as many cases each (35, 405 and all 1,251 of FeTS 2022's numbers, at 6 mm), three rounds of six
# steps: seconds, CPU time and peak memory of the process. Linux only.
set -euo pipefail
cd "$(dirname "$0")/../.."
segfed=${SEGFED:-.build/release/segfed}
cohort=runs/sites/cohort
results=Benchmarks/results/scale
work=runs/scale
mkdir -p "$results" "$work"
[[ -d $cohort ]] || $segfed simulate --profile fets23 --spacing 6 --output $cohort --quiet

# One folder of cases without sites, of the first so many.
flat() { # cases
  local folder=$work/cases-$1
  if [[ -d $folder ]]; then return; fi
  mkdir -p "$folder.new"
  for path in $(printf '%s\n' $cohort/*/*/ | head -n "$1"); do ln -s "$PWD/$path" "$folder.new/"; done
  mv "$folder.new" "$folder"
}

# Wall and CPU seconds and peak MB of a command, as the kernel has counted them.
measured() {
  python3 -c '
import os, sys, time
start = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(child, 0)
if status: sys.exit(f"{sys.argv[1]} failed")
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss * 1.024 / 1000)' "$@"
}

train() { # strategy, sites, cases
  local found
  rm -rf "$work/run"
  found=$(measured $segfed train --data "$work/cases-$3" --sites "$2" --split dirichlet:1000 --plan bench --rounds 3 --local-steps 6 \
    --strategy "$1" --output "$work/run" --quiet --json | tail -n 1)
  echo "$1 $2 $3 $found" | awk '{
    steps = $2 * 18
    printf "%-9s %5d %6d %6d %8.1f %8.1f %14.1f %8.1f\n", $1, $2, $3, steps, $4, $5, $5 * 1000 / steps, $6
  }'
}

for cases in 35 405 1251; do flat $cases; done
{
  printf '%-9s %5s %6s %6s %8s %8s %14s %8s\n' strategy sites cases steps wall-s CPU-s CPU-ms-a-step peak-MB
  for strategy in fedavg scaffold median; do
    train $strategy 2 35
    train $strategy 23 405
    train $strategy 71 1251
  done
} | tee "$results/table.txt"
