#!/usr/bin/env bash
# Builds both binaries into a folder, the way every build of them is made:
#
#     BUILD_VERSION=1.2.3 build.sh FOLDER
#
# -trimpath and -buildvcs=false keep the place and the state of the working tree
# out of them, so that the same source gives the same bytes; which source it was
# stands in the version. GOOS and GOARCH name another platform.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
CGO_ENABLED=0 exec go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${BUILD_VERSION:?}" \
	-o "${1:?usage: build.sh FOLDER}" ./cmd/understudy ./cmd/understudy-credentials
