#!/usr/bin/env bash
# Builds the programs into a folder. Every build of them is made by this script:
#
#     BUILD_VERSION=1.2.3 build.sh FOLDER [PROGRAM...]
#
# PROGRAM is understudy or understudy-credentials; without one both are built. GOOS
# and GOARCH select another platform. -trimpath and -buildvcs=false keep the path and
# the state of the working tree out of the programs, so that the same source gives
# the same bytes; BUILD_VERSION names the source.
#
# On Linux (amd64, arm64) the helper begins in internal/prelude and not in the Go
# runtime (-E); it is five times as fast that way. PRELUDE=0 leaves the prelude out.
# It is also left out if its tests have not passed on this version of Go, and if
# GOFLAGS asks for a sanitizer, which does not work before the runtime starts. In
# each case one line on stderr says so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# why_plain prints why the prelude is left out; nothing if it is not.
why_plain() {
	local version flags
	case ${PRELUDE:-1} in
	0) echo PRELUDE=0 && return ;;
	1) ;;
	*) echo "PRELUDE=$PRELUDE is neither 0 nor 1" && return ;;
	esac
	# A pre-release, an experiment (X:...) and a vendor's Go are not in the list.
	version=$(go env GOVERSION)
	if ! [[ $version =~ ^(go[0-9]+\.[0-9]+)(\.[0-9]+)?$ ]] ||
		! grep -qxF "${BASH_REMATCH[1]}" internal/prelude/goversions.txt; then
		echo "the prelude is not tested with $version" && return
	fi
	flags=$(go env GOFLAGS)
	case $flags in
	*-race* | *-msan* | *-asan* | *checkptr*) echo "the prelude does not run with GOFLAGS=$flags" ;;
	esac
}

folder=${1:?usage: build.sh FOLDER [PROGRAM...]}
shift
programs=("${@:-understudy}")
[ $# != 0 ] || programs+=(understudy-credentials)
flags="-s -w -X main.version=${BUILD_VERSION:?}"
entry=
case $(go env GOOS)/$(go env GOARCH) in
linux/amd64 | linux/arm64)
	why=$(why_plain)
	if [ -z "$why" ]; then
		entry="-E understudy/internal/prelude.entry"
	else
		echo "build: plain helper: $why" >&2
	fi
	;;
esac
CGO_ENABLED=0 exec go build -trimpath -buildvcs=false -ldflags "$flags" \
	-ldflags "understudy/cmd/understudy-credentials=$flags $entry" \
	-o "$folder" "${programs[@]/#/./cmd/}"
