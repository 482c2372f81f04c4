#!/usr/bin/env bash
# make test: everything, one step after the other. A step that falls does not
# hide the next one; the verdicts are printed together at the end, with where the
# time went and what was skipped.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

SUMMARY=$(mktemp) || exit 1
export SUMMARY
trap 'rm -f "$SUMMARY"' EXIT

failed=0

step() {
	local began=$SECONDS status=0
	echo "== $*"
	"$@" || status=$?
	echo "== $* took $((SECONDS - began)) s"
	printf '#step\t%d\t%d\t%s\n' $((SECONDS - began)) $status "$*" >>"$SUMMARY" || status=1
	# The summary may be cut short, on a full disk for one.
	[ $status = 0 ] || failed=1
}

step make setup
step make build
step make lint
step make race
step make norace
step make e2e

echo "== summary"
go run ./scripts/gotest -summary "$SUMMARY" || failed=1
exit $failed
