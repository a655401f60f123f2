#!/usr/bin/env bash
# `make compare`: federated, centralised and local training at equal budget on SampleData, tested on fresh cases.
# CASES (20) fresh cases at each site, SEED (1) of the trainings; more arguments go to `segfed train`.
set -euo pipefail
cd "$(dirname "$0")/../.."
segfed=.build/release/segfed
folder=runs/compare
cases=${CASES:-20}
seed=${SEED:-1}
modes=(federated centralised local)

# From the seed of SampleData: the same sites, other subjects.
$segfed simulate --profile demo --seed 1 --split test --cases "$cases" --output $folder/fresh --force
for mode in "${modes[@]}"; do
  echo
  echo "$mode"
  $segfed train --data SampleData --output "$folder/$mode" --mode "$mode" --seed "$seed" --force "$@"
  $segfed evaluate --model "$folder/$mode" --data $folder/fresh --output "$folder/$mode-fresh" --force --quiet
done

echo
echo "Dice on $cases fresh cases a site, the same for all three; local: each site's own model on its own cases."
for region in WT TC ET; do
  echo
  awk -F, -v region="$region" '
    { sub(/\r$/, "") } # CSV lines end in CRLF
    FNR == 1 { file++; for (i = 1; i <= NF; i++) if ($i == "dice_" region) column = i; next }
    { if (file == 1) order[++rows] = $1; value[file, $1] = $column }
    END {
      printf "| %s | federated | centralised | local |\n| --- | ---: | ---: | ---: |\n", region
      for (row = 1; row <= rows; row++) {
        printf "| %s |", order[row]
        for (file = 1; file <= 3; file++) printf " %.4f |", value[file, order[row]]
        printf "\n"
      }
    }' $folder/federated-fresh/metrics.csv $folder/centralised-fresh/metrics.csv $folder/local-fresh/metrics.csv
done
