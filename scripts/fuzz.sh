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
for package in $(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' "$@"); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== $package $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package"
	done
done
