#!/usr/bin/env bash
# Runs every fuzz target, one at a time, for the time given:
#
#     fuzz.sh [TIME [PACKAGE...]]
#
# of the packages named, or of the whole module.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
time=${1:-10s}
shift || true
[ $# != 0 ] || set -- ./...
said=$(mktemp)
trap 'rm -f "$said"' EXIT

fuzz() { go test -run '^$' -fuzz "^$2\$" -fuzztime "$time" "$1" 2>&1 | tee "$said"; }

for package in $(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' "$@"); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== $package $target"
		fuzz "$package" "$target" && continue
		# On a busy machine the engine may miss its own end, and calls that a
		# failure although it found nothing; a find is written down.
		grep -q 'context deadline exceeded' "$said" && ! grep -q 'Failing input written' "$said" || exit 1
		echo "== $package $target, once more: its time ran out in the middle of an input"
		fuzz "$package" "$target"
	done
done
