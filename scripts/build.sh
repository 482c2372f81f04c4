#!/usr/bin/env bash
# Builds both binaries into a folder, the way every build of them is made:
#
#     BUILD_VERSION=1.2.3 build.sh FOLDER
#
# -trimpath and -buildvcs=false keep the place and the state of the working tree
# out of them, so that the same source gives the same bytes; which source it was
# stands in the version. GOOS and GOARCH name another platform.
#
# On Linux the helper begins in internal/prelude and not in the Go runtime (-E):
# that is a program like any other built with go build, and five times as quick.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
flags="-s -w -X main.version=${BUILD_VERSION:?}"
case $(go env GOOS)/$(go env GOARCH) in
linux/amd64 | linux/arm64) entry="-E understudy/internal/prelude.entry" ;;
*) entry= ;;
esac
CGO_ENABLED=0 exec go build -trimpath -buildvcs=false -ldflags "$flags" \
	-ldflags "understudy/cmd/understudy-credentials=$flags $entry" \
	-o "${1:?usage: build.sh FOLDER}" ./cmd/understudy ./cmd/understudy-credentials
