package rewrite

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// acl is an access list as the kernel takes it: the owner rw, user 4711 as
// named, the group and others as given, under a mask of r.
func acl(named, group, mask uint16) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 2)
	for _, e := range [][3]uint32{{1, 6, ^uint32(0)}, {2, uint32(named), 4711}, {4, uint32(group), ^uint32(0)}, {0x10, uint32(mask), ^uint32(0)}, {0x20, 0, ^uint32(0)}} {
		b = binary.LittleEndian.AppendUint16(b, uint16(e[0]))
		b = binary.LittleEndian.AppendUint16(b, uint16(e[1]))
		b = binary.LittleEndian.AppendUint32(b, e[2])
	}
	return b
}

func aclOf(t *testing.T, path string) string {
	t.Helper()
	b := make([]byte, 1024)
	n, err := unix.Getxattr(path, "system.posix_acl_access", b)
	if err == unix.ENODATA {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

// Where there is an access list the mode's middle is its mask and not what the
// group may: a new file of that mode would be open to the group.
func TestWhoMayReadAFileByItsAccessListIsWhoMayReadTheNewOne(t *testing.T) {
	path := config(t)
	list := acl(4, 0, 4)
	if err := unix.Setxattr(path, "system.posix_acl_access", list, 0); err != nil {
		t.Skip("no access lists here: ", err)
	}
	backup, err := open(t, path).Replace(t.Context(), after, Options{Backup: true})
	if err != nil {
		t.Fatal(err)
	}
	says(t, path, after)
	if got := aclOf(t, path); got != string(list) {
		t.Errorf("the list is % x, was % x", got, list)
	}
	if info, err := os.Stat(backup); err != nil || info.Mode().Perm() != 0o600 || aclOf(t, backup) != "" {
		t.Errorf("the backup is open to others: %v, % x", info.Mode(), aclOf(t, backup))
	}
}

func TestAFoldersDefaultListOpensNoNewFile(t *testing.T) {
	path := config(t)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setxattr(filepath.Dir(path), "system.posix_acl_default", acl(6, 4, 6), 0); err != nil {
		t.Skip("no access lists here: ", err)
	}
	if _, err := open(t, path).Replace(t.Context(), after, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := aclOf(t, path); got != "" {
		t.Errorf("the new file has a list: % x", got)
	}
}
