#!/usr/bin/env bash
# `make bandwidth`: codecs in a setting that cannot be tuned, by `segfed bandwidth`: network C, 50 rounds, FeTS 2022's 23 sites with their
# 1,251 cases. Messages are those of the run; scans are int16 .nii.gz of 240×240×155 with a background of 0, three of each site measured,
# times the site's true number of cases (Benchmarks/results/bandwidth/scans.csv, made where it is missing: half an hour). Dice is that of
# small scans at the same sites, on fresh cases.
set -euo pipefail
cd "$(dirname "$0")/../.."
segfed=${SEGFED:-.build/release/segfed}
folder=runs/bandwidth
results=Benchmarks/results/bandwidth
cases=(511 6 15 47 22 34 12 8 4 8 14 11 35 6 13 30 9 382 4 33 35 7 5)
mkdir -p $folder $results

if [[ ! -f $results/scans.csv ]]; then
  rm -rf $folder/full
  $segfed simulate --profile fets23 --brats-grid --cases 3 --seed 1 --output $folder/full --quiet
  echo "site,cases,compressed_bytes,uncompressed_bytes" >$folder/scans.csv
  number=0
  for site in $folder/full/*/; do
    # Scans alone, without label maps; uncompressed: two bytes a voxel.
    compressed=$(find "$site" -name '*.nii.gz' ! -name '*_seg.nii.gz' -printf '%s\n' | awk '{ sum += $1 } END { print sum }')
    files=$(find "$site" -name '*.nii.gz' ! -name '*_seg.nii.gz' | wc -l)
    [[ $files -eq 12 ]]
    echo "$(basename "$site"),${cases[$number]},$((compressed * cases[number] / 3)),$((2 * 240 * 240 * 155 * 4 * cases[number]))" >>$folder/scans.csv
    number=$((number + 1))
  done
  mv $folder/scans.csv $results/scans.csv
  rm -rf $folder/full
fi

simulate() { # folder, arguments
  [[ -d $folder/$1 ]] || $segfed simulate --profile fets23 --spacing 4 --seed 1 --output "$folder/$1" --quiet "${@:2}"
}
simulate sites --cases 8
simulate fresh --cases 20 --split test

$segfed bandwidth Benchmarks/bandwidth/codecs.yaml --output $folder/runs --scans $results/scans.csv "$@" | tee $folder/table.txt
cp $folder/runs/results.jsonl $folder/runs/bandwidth.csv $folder/table.txt $results
