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

cpu() { # seconds that this shell's children have taken
  times | tail -n 1 | tr 'ms' '  ' | awk '{ print $1 * 60 + $2 + $3 * 60 + $4 }'
}

train() { # strategy, sites, cases
  local before start end peak=0 now pid
  rm -rf "$work/run"
  before=$(cpu) start=$EPOCHREALTIME
  $segfed train --data "$work/cases-$3" --sites "$2" --split dirichlet:1000 --plan bench --rounds 3 --local-steps 6 --strategy "$1" \
    --output "$work/run" --quiet >"$work/output.txt" &
  pid=$!
  while kill -0 $pid 2>/dev/null; do
    now=$(awk '/VmHWM/ { print $2 }' /proc/$pid/status 2>/dev/null || true)
    peak=${now:-$peak}
    sleep 0.05
  done
  wait $pid
  end=$EPOCHREALTIME
  awk -v name="$1" -v sites="$2" -v cases="$3" -v wall="$(echo "$end $start" | awk '{ print $1 - $2 }')" \
    -v cpu="$(echo "$(cpu) $before" | awk '{ print $1 - $2 }')" -v peak="$peak" 'BEGIN {
      steps = sites * 18
      printf "%-9s %5d %6d %6d %8.1f %8.1f %14.1f %8.1f\n", name, sites, cases, steps, wall, cpu, cpu * 1000 / steps, peak * 1.024 / 1000
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
