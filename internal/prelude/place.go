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

// runtimeFolders is where the system makes a private folder for each user.
var runtimeFolders = "/run/user/" // replaced in tests

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
	forbidden := uint32(0o077)
	if t.socket.value != "" {
		path.add(t.socket.value)
		forbidden = 0o022
	} else {
		path.add(runtimeFolders)
		path.number(t.uid)
		if t.ours(0o777, 0o700) {
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
func (t *trip) ours(mask, wanted uint32) bool {
	here := unix.AT_FDCWD
	return system(fstatat, uintptr(here), uintptr(unsafe.Pointer(&t.to.path)), uintptr(unsafe.Pointer(&t.status)),
		unix.AT_SYMLINK_NOFOLLOW, 0) == 0 &&
		t.status.Mode&unix.S_IFMT == unix.S_IFDIR && t.status.Uid == t.uid && t.status.Mode&mask == wanted
}
