package daemon

import (
	"bufio"
	"fmt"
	"os"
	"reflect"
	"strings"

	"golang.org/x/sys/unix"
)

// trimProgram unmaps the pages of the program's file. Most were needed only at the
// start, or were mapped by the kernel because they are next to one that was needed.
// A page that is used again comes back from the page cache. Otherwise these pages
// would be most of the memory of a daemon with a few sessions.
func trimProgram() {
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer f.Close()
	for _, m := range programMappings(bufio.NewScanner(f), reflect.ValueOf(trimProgram).Pointer()) {
		// unix.Madvise takes a slice, but the mapping is not in Go's memory.
		unix.RawSyscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED)
	}
}

// mapping is an entry of /proc/PID/smaps.
type mapping struct {
	start, end     uintptr
	perms          string
	device, inode  string
	private, known bool // whether it has pages that differ from the file; whether the kernel reports that
}

// programMappings returns the read-only mappings of the file that has the code at
// pc. It leaves out a mapping with a page that was changed, by a debugger or by
// the loader of a position-independent program, because the change would be lost.
func programMappings(smaps *bufio.Scanner, pc uintptr) []mapping {
	var all []mapping
	var program mapping
	for smaps.Scan() {
		var m mapping
		var offset uint64
		line := smaps.Text()
		if n, _ := fmt.Sscanf(line, "%x-%x %s %x %s %s", &m.start, &m.end, &m.perms, &offset, &m.device, &m.inode); n == 6 {
			if m.start <= pc && pc < m.end {
				program = m
			}
			all = append(all, m)
		} else if name, size, ok := strings.Cut(line, ":"); ok && len(all) > 0 && (name == "Anonymous" || name == "Swap") {
			last := &all[len(all)-1]
			last.known = true
			last.private = last.private || strings.TrimSpace(size) != "0 kB"
		}
	}
	var found []mapping
	for _, m := range all {
		if program.inode != "" && program.inode != "0" && m.inode == program.inode && m.device == program.device &&
			m.known && !m.private && !strings.Contains(m.perms, "w") {
			found = append(found, m)
		}
	}
	return found
}
