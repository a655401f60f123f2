#!/usr/bin/env bash
# `make evidence`: what one run tells beyond its Dice: cross-site matrix, contributions (honest, with one site's labels scrambled, with one
# site's data at two sites), times simulated by codec. Three seeds each, demo's six sites, plan bench; results in Benchmarks/results/evidence.
set -euo pipefail
cd "$(dirname "$0")/../.."
segfed=${SEGFED:-.build/release/segfed}
sites=runs/sites
runs=runs/evidence
results=Benchmarks/results/evidence
mkdir -p $runs $results

simulate() { # folder, arguments
  [[ -d $sites/$1 ]] || $segfed simulate --output "$sites/$1" --quiet "${@:2}"
}
simulate six --profile demo --seed 1
simulate six-fresh --profile demo --seed 101 --split test --cases 20
# hazel's cases at a second site, too, under their own names.
mkdir -p $sites/twin
for site in $sites/six/*/; do ln -sfn "$(realpath "$site")" "$sites/twin/$(basename "$site")"; done
ln -sfn "$(realpath $sites/six/hazel)" $sites/twin/hazel-twin

train() { # name, arguments
  [[ -f $runs/$1/seeds.json ]] || $segfed train --plan bench --seeds 3 --resume --output "$runs/$1" --quiet "${@:2}" >/dev/null
}

train alone --data $sites/six --mode local --rounds 40
train honest --data $sites/six --keep-updates
train scrambled --data $sites/six --keep-updates --attack labelflip:sites=1
train twin --data $sites/twin --keep-updates --allow-duplicates
for seed in 1 2 3; do
  [[ -f $runs/matrix-$seed/matrix.json ]] ||
    $segfed matrix --model $runs/alone/seed-$seed --data $sites/six-fresh --output $runs/matrix-$seed --quiet >/dev/null
  cp $runs/matrix-$seed/matrix.csv $results/matrix-seed-$seed.csv
  for name in honest scrambled twin; do
    csv=$runs/$name/seed-$seed/coordinator/contribution.csv
    [[ -f $csv ]] || $segfed contribution --method exact $runs/$name/seed-$seed --quiet >/dev/null
    cp "$csv" "$results/contribution-$name-seed-$seed.csv"
  done
  grep -A2 hostile_sites $runs/scrambled/seed-$seed/config.yaml >$results/scrambled-seed-$seed.txt
done

for chain in fp32 delta+int4+entropy delta+dct+uniform:step=1.8+entropy delta+topk:fraction=0.1+int4+entropy; do
  run=$runs/time-${chain//[:=]/-}
  [[ -f $run/metrics.json ]] ||
    $segfed train --plan bench --data $sites/six --codec $chain --resume --output "$run" --quiet >/dev/null
done
rm -f $runs/times.csv.new
$segfed time $runs/time-*/ --output $runs/times.csv.new >$results/times.txt
mv $runs/times.csv.new $results/times.csv

awk -F, 'FNR == 1 { next } { sum[$1 " " $2] += $7; n[$1 " " $2]++ } END { for (pair in sum) print pair, sum[pair] / n[pair] }' \
  $results/matrix-seed-*.csv | sort >$results/matrix-mean.txt
{
  for name in honest twin; do
    echo "$name: site, mean contribution in Dice over the seeds"
    awk -F, 'FNR == 1 { next } { sum[$1] += $3; n[$1]++ } END { for (site in sum) print "  " site, sum[site] / n[site] }' \
      $results/contribution-$name-seed-*.csv | sort
  done
  echo "scrambled: seed, site with scrambled labels, its contribution, the least of another site"
  for seed in 1 2 3; do
    hostile=$(sed -n 's/^ *- //p' $results/scrambled-seed-$seed.txt | head -1)
    awk -F, -v seed=$seed -v hostile="$hostile" 'FNR == 1 { next } $1 == hostile { own = $3; next }
      least == "" || $3 < least { least = $3 } END { print "  " seed, hostile, own, least }' \
      $results/contribution-scrambled-seed-$seed.csv
  done
} | tee $results/contributions.txt
cat $results/times.txt
