#!/usr/bin/env bash
# Runs every fuzz target of the module, one at a time, for the time given.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for package in $(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== $package $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "${1:-10s}" "$package"
	done
done
