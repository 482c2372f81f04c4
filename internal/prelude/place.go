//go:build linux && (amd64 || arm64)

package prelude

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// address is the daemon's socket as connect takes it. The path ends at the first
// zero; wire takes paths of 99 bytes at most.
type address struct {
	family uint16
	path   [108]byte
}

const maxPath = 99

// find finds the socket, as wire.SocketPath does, and looks at its folder, as
// wire.CheckDir does.
func (t *trip) find() bool {
	uid := system(unix.SYS_GETUID, 0, 0, 0, 0, 0)
	if uid < 0 {
		return false
	}
	t.uid = uint32(uid)
	t.to.family = unix.AF_UNIX
	path := sheet{b: t.to.path[:maxPath]}
	forbidden := uint16(0o077)
	if t.socket.value != "" {
		path.add(t.socket.value)
		forbidden = 0o022
	} else {
		path.add("/run/user/")
		path.number(t.uid)
		if t.ours(0o7777, 0o700) {
			path.add("/understudy/socket")
		} else {
			path.n = 0
			path.add(t.home.value)
			path.add("/.local/state/understudy/run/socket")
		}
	}
	if path.full {
		return false
	}
	t.length = path.n
	slash := path.n - 1
	for slash > 0 && t.to.path[slash] != '/' {
		slash--
	}
	if slash <= 0 { // the folder is the root
		return false
	}
	t.to.path[slash] = 0
	trusted := t.ours(forbidden, 0)
	t.to.path[slash] = '/'
	return trusted
}

// ours reports whether t.to.path is a folder, no link to one, of this user's and
// with the bits of its mode that mask selects as wanted.
func (t *trip) ours(mask, wanted uint16) bool {
	const fields = unix.STATX_TYPE | unix.STATX_MODE | unix.STATX_UID
	here := unix.AT_FDCWD
	return system(unix.SYS_STATX, uintptr(here), uintptr(unsafe.Pointer(&t.to.path)), unix.AT_SYMLINK_NOFOLLOW,
		fields, uintptr(unsafe.Pointer(&t.status))) == 0 &&
		t.status.Mask&fields == fields && t.status.Mode&unix.S_IFMT == unix.S_IFDIR &&
		t.status.Uid == t.uid && t.status.Mode&mask == wanted
}
