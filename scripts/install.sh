#!/usr/bin/env bash
# Installs what make build has built, or removes it:
#
#     install.sh [--remove] PREFIX [DESTDIR]
#
# The units name the programs below PREFIX; DESTDIR is only where the files are
# put meanwhile, for those who make packages. BIN is where the programs are,
# bin by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

remove=
if [ "${1:-}" = --remove ]; then
	remove=1
	shift
fi
prefix=${1:?usage: install.sh [--remove] PREFIX [DESTDIR]}
case $prefix in
/*) ;;
*)
	echo "install.sh: PREFIX is $prefix, which is not an absolute path" >&2
	exit 2
	;;
esac
to=${2:-}$prefix
bin=${BIN:-bin}
programs=(understudy understudy-credentials)

# put copies a file in place of what is there, as one step: a daemon may be
# running from it. macOS has no install -D.
put() {
	mkdir -p "${3%/*}"
	install -m "$1" "$2" "$3.new"
	mv -f "$3.new" "$3"
}

# The path of every file that is installed, without PREFIX and what writes it.
files() {
	cat <<-'LIST'
		lib/systemd/user/understudy.service daemon unit systemd --binary PREFIX/bin/understudy
		share/understudy/understudy.plist daemon unit launchd --binary PREFIX/bin/understudy
		share/bash-completion/completions/understudy completion bash
		share/zsh/site-functions/_understudy completion zsh
		share/fish/vendor_completions.d/understudy.fish completion fish
	LIST
}
pages=(man1/understudy.1 man1/understudy-credentials.1 man5/understudy-config.5)

if [ -n "$remove" ]; then
	for program in "${programs[@]}"; do rm -f "$to/bin/$program"; done
	for page in "${pages[@]}"; do rm -f "$to/share/man/$page"; done
	while read -r file _; do rm -f "$to/$file"; done < <(files)
	rmdir "$to/share/understudy" 2>/dev/null || true
	exit 0
fi

for program in "${programs[@]}"; do
	put 0755 "$bin/$program" "$to/bin/$program"
done
while read -r file verb; do
	read -ra argv <<<"$verb"
	argv=("${argv[@]/#PREFIX/$prefix}")
	mkdir -p "$to/${file%/*}"
	"$bin/understudy" "${argv[@]}" >"$to/$file"
	chmod 0644 "$to/$file"
done < <(files)

manual=$(mktemp -d)
trap 'rm -rf "$manual"' EXIT
"$bin/understudy" man "$manual"
for page in "${pages[@]}"; do
	put 0644 "$manual/${page##*/}" "$to/share/man/$page"
done
