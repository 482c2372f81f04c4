#!/usr/bin/env bash
# Fails if a function of the product is not used by a command, or if any other
# function is not used at all, not even by a test:
#
#     deadcode.sh MODULE@VERSION     the program deadcode, at one version
#
# A function of the product is dead only if it is dead on every platform that compiles
# its file. The rest is checked on Linux only.
# These are used without a call that deadcode sees:
#   internal/prelude      the linker's -E and assembly call it (its own tests look at it)
#   Format, MarshalJSON   methods that keep a secret out of a mistaken Printf or Marshal
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tool=${1:?usage: deadcode.sh MODULE@VERSION}
root=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
GOBIN=$folder go install "$tool"
export CGO_ENABLED=0

# files prints the files that a platform compiles, as deadcode prints them.
files() {
	go list -f '{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}' ./... | sed "s|^$root/|built |"
}

for os in linux darwin windows; do
	export GOOS=$os
	files
	"$folder/deadcode" ./cmd/...
done >"$folder/product"
GOOS=linux "$folder/deadcode" -test ./... >"$folder/all"
for module in e2e/*/go.mod e2e/*/*/go.mod; do
	[ -e "$module" ] || continue
	(cd "${module%/go.mod}" && GOOS=linux "$folder/deadcode" -test ./... | sed "s|^|${module%/go.mod}/|")
done >>"$folder/all"

dead=$({
	awk '$1 == "built" { built[$2]++; next }
		{ dead[$0]++ }
		END { for (line in dead) { split(line, part, ":"); if (dead[line] == built[part[1]]) print line } }' "$folder/product"
	cat "$folder/all"
} | grep -vE '^internal/prelude/|\.(Format|MarshalJSON)$' | sort -u || true)
[ -z "$dead" ] || { echo "$dead" >&2; exit 1; }
