#!/usr/bin/env bash
# Sets up what the tests use beside Go: a C compiler for the race detector, a
# keyring and a D-Bus to run it on, Python with moto, boto3 and the AWS CLI, and the
# JavaScript SDK. What is there already is used as it is, so a second run costs two
# seconds and no network. It reports in one line each what it cannot install; the
# tests that need it are skipped, or fail with CI=true, and so does this script.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

missing=0
cannot() {
	echo "setup: cannot have $1: $2" >&2
	missing=1
}
have() { command -v "$1" >/dev/null 2>&1; }

# apt_install installs the packages named, as root or through a sudo that asks
# no password; it reads the package lists again once, and only when it must.
apt_install() {
	local sudo=()
	if [ "$(id -u)" != 0 ]; then
		have sudo && sudo -n true 2>/dev/null || return 1
		sudo=(sudo -n)
	fi
	have apt-get || return 1
	echo "setup: apt-get install $*"
	local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq)
	local install=("${apt[@]}" install --no-install-recommends -y "$@")
	"${install[@]}" >/dev/null 2>&1 || { "${apt[@]}" update >/dev/null 2>&1 && "${install[@]}" >/dev/null; }
}

# command, package, what it is for
while read -r command package purpose; do
	have "$command" || apt_install "$package" || true
	have "$command" || cannot "$command" "$purpose (Debian: $package)"
done <<-'LIST'
	cc gcc go test -race
	dbus-daemon dbus-daemon the private D-Bus of a test
	gnome-keyring-daemon gnome-keyring the keychain of a test
	setpriv util-linux tests as an ordinary user
	strace strace programs killed at each of their system calls
	Xvfb xvfb the screen of a test
	xdotool xdotool the person before that screen
	pinentry-gtk-2 pinentry-gtk2 a dialog that asks for a code
	zenity zenity the other kind of dialog
	tmux tmux a terminal that a person types into
	systemd-analyze systemd the score of the unit's sandbox
	node nodejs the JavaScript client
	npm npm the JavaScript client
LIST
# Not counted as missing: without it the helper's arm64 build is linked and read,
# and not run.
have qemu-aarch64 || apt_install qemu-user || echo "setup: without qemu-aarch64 (Debian: qemu-user) nothing of arm64 is run" >&2
if have gcc && ! echo '#include <stdlib.h>' | gcc -E - >/dev/null 2>&1; then
	apt_install libc6-dev || cannot libc6-dev "go test -race"
fi

# python_has succeeds if an interpreter can run the clients and moto's server. Debian
# has no package of moto, so what is missing is installed from PyPI into .venv.
python_has() {
	have "$1" && "$1" -c 'import boto3, moto.server, awscli' >/dev/null 2>&1
}
python_venv() {
	python3 -c 'import venv, ensurepip' 2>/dev/null || apt_install python3 python3-venv >&2 ||
		{ echo "no python3 with venv (Debian: python3-venv)" && return 1; }
	echo "setup: pip install -r e2e/clients/requirements.txt into .venv" >&2
	python3 -m venv .venv >/dev/null &&
		.venv/bin/python3 -m pip --disable-pip-version-check --retries 1 \
			install --quiet --requirement e2e/clients/requirements.txt 2>&1 ||
		{ rm -rf .venv && return 1; }
}
if ! python_has python3 && ! python_has .venv/bin/python3; then
	output=$(python_venv) && python_has .venv/bin/python3 ||
		cannot "moto, boto3 and awscli" "the real clients and their AWS, from PyPI: $(tail -n 1 <<<"${output:-pip does not say why}")"
fi

# npm writes node_modules/.package-lock.json last.
js=e2e/clients/js
if have npm && [ ! $js/node_modules/.package-lock.json -nt $js/package-lock.json ]; then
	echo "setup: npm ci in $js"
	npm ci --prefix $js --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null &&
		touch $js/node_modules/.package-lock.json ||
		cannot "the packages of $js" "the JavaScript client"
fi

[ "${CI:-}" = true ] && exit $missing
exit 0
