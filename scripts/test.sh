#!/usr/bin/env bash
# make test: everything, one step after the other. A step that falls does not
# hide the next one; the verdicts of go test stand together at the end.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

SUMMARY=$(mktemp) || exit 1
export SUMMARY
trap 'rm -f "$SUMMARY"' EXIT

fallen=()
step() {
	local began=$SECONDS
	echo "== $*"
	"$@" || fallen+=("$*")
	echo "== $* took $((SECONDS - began)) s"
}

step make setup
step make build
step make lint
step make unit
step make race
step make e2e

echo "== summary"
cat "$SUMMARY"
if [ ${#fallen[@]} != 0 ]; then
	printf 'FAIL: %s\n' "${fallen[@]}"
	exit 1
fi
echo "all passed in $SECONDS s"
