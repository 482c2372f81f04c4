//go:build linux && (amd64 || arm64)

package prelude

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"understudy/internal/place"
)

// address is the daemon's socket, as connect(2) takes it. The path ends at the
// first zero byte.
type address struct {
	family uint16
	path   [108]byte
}

var runtimeFolders = place.RuntimeFolders // replaced in tests

// find finds the socket, as place.SocketPath does, and checks its folder, as
// place.CheckDir does.
func (t *trip) find() bool {
	uid := system(unix.SYS_GETUID, 0, 0, 0, 0, 0)
	if uid < 0 {
		return false
	}
	t.uid = uint32(uid)
	t.to.family = unix.AF_UNIX
	path := sheet{b: t.to.path[:place.MaxPath]}
	forbidden := uint32(place.ForbiddenMode)
	if t.socket.value != "" {
		path.add(t.socket.value)
		forbidden = place.ForbiddenModeChosen
	} else {
		path.add(runtimeFolders)
		path.number(t.uid)
		if t.ours(0o777, place.RuntimeFolderMode) {
			path.add(place.RuntimeSocket)
		} else {
			path.n = 0
			path.add(t.home.value)
			path.add("/" + place.HomeSocket)
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

// ours reports whether t.to.path is a folder that belongs to this user, is not a
// symbolic link, and has the permissions wanted among those in mask.
func (t *trip) ours(mask, wanted uint32) bool {
	here := unix.AT_FDCWD
	return system(fstatat, uintptr(here), uintptr(unsafe.Pointer(&t.to.path)), uintptr(unsafe.Pointer(&t.status)),
		unix.AT_SYMLINK_NOFOLLOW, 0) == 0 &&
		t.status.Mode&unix.S_IFMT == unix.S_IFDIR && t.status.Uid == t.uid && t.status.Mode&mask == wanted
}
