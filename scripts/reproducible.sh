#!/usr/bin/env bash
# make reproducible: builds what is committed twice, in two folders and with two
# caches, so that nothing of the one build can be in the other, and says whether
# the two agree to the byte.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
modules=$(go env GOMODCACHE) # what is built from has sums of its own
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
for place in first second/place/deeper; do
	mkdir -p "$dir/$place/tree"
	git archive HEAD | tar -x -C "$dir/$place/tree"
	echo "building in $dir/$place"
	(cd "$dir/$place" && HOME=$dir/$place GOCACHE=$dir/$place/cache GOMODCACHE=$modules \
		BUILD_VERSION=reproducible tree/scripts/build.sh "$dir/$place/bin/" && cd bin && sha256sum ./* >../sums)
	cat "$dir/$place/sums"
done
cmp "$dir/first/sums" "$dir/second/place/deeper/sums" && echo "the two builds are the same"
