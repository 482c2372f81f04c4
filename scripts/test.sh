#!/usr/bin/env bash
# make test: every step, one after the other. The steps after one that fails
# still run. The summary at the end has all verdicts, where the time went, and
# what was skipped.
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
# Without a build cache every other platform takes minutes: see .ci/run, make check.
step make lint PLATFORMS="$(go env GOOS)/$(go env GOARCH)"
step make race
step make norace
step make e2e

echo "== summary"
go run ./scripts/gotest -summary "$SUMMARY" || failed=1
exit $failed
