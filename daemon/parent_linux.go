package daemon

import (
	"bytes"
	"strconv"

	"golang.org/x/sys/unix"
)

// parentOf returns the program that started process pid, the shell that some
// SDKs put in between left out. It is read while the helper waits for its
// answer, so it costs two or three small reads and nothing more.
func parentOf(pid int) (int, string) {
	if pid <= 0 {
		return 0, ""
	}
	_, parent := statOf(pid)
	name, above := statOf(parent)
	switch name {
	case "sh", "dash", "bash", "zsh":
		if n, _ := statOf(above); n != "" && above > 1 {
			return above, n
		}
	}
	return parent, name
}

// statOf reads the name and the parent of a process; "" when it is gone.
func statOf(pid int) (name string, parent int) {
	if pid <= 0 {
		return "", 0
	}
	fd, err := unix.Open("/proc/"+strconv.Itoa(pid)+"/stat", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", 0
	}
	defer unix.Close(fd)
	var buf [512]byte
	n, err := unix.Read(fd, buf[:])
	if err != nil {
		return "", 0
	}
	// 123 (name, which may hold anything) S 45 …
	line := buf[:max(n, 0)]
	open, shut := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 0 || shut < open || shut+4 >= len(line) {
		return "", 0
	}
	digits, _, _ := bytes.Cut(line[shut+4:], []byte(" "))
	parent, _ = strconv.Atoi(string(digits))
	return string(line[open+1 : shut]), parent
}
