#!/usr/bin/env bash
# make release: what is given away, into dist/. For each platform an archive of
# both binaries, and the list of the modules in them (an SBOM, as CycloneDX);
# then the sums of all. The same commit gives the same bytes, whoever builds it
# where and when: no path, no time and no name of a machine goes into them.
#
#     release.sh VERSION PLATFORM...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=${1:?usage: release.sh VERSION PLATFORM...}
shift
: "${CYCLONEDX:?the SBOM tool, as go run takes it}"
programs=(understudy understudy-credentials)
# The time in the archives is the commit's.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}

# A program that go run builds is for the machine at hand.
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
GOBIN=$tools go install "$CYCLONEDX"

rm -rf dist
mkdir dist
for platform in "$@"; do
	export GOOS=${platform%/*} GOARCH=${platform#*/} CGO_ENABLED=0
	name=understudy-$version-$GOOS-$GOARCH
	mkdir "dist/$name"
	BUILD_VERSION=$version scripts/build.sh "dist/$name/"
	cp LICENSE README.md "dist/$name/"
	for program in "${programs[@]}"; do
		"$tools/cyclonedx-gomod" app -json -std -noserial -notimestamp -licenses \
			-main "cmd/$program" -output "dist/$name/$program.cdx.json" . 2>/dev/null
	done
	tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r,go-w \
		-C dist -cf - "$name" | gzip -n9 >"dist/$name.tar.gz"
	rm -r "dist/$name"
done
(cd dist && sha256sum ./*.tar.gz >SHA256SUMS && cat SHA256SUMS)
