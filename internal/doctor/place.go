package doctor

import (
	"path/filepath"
	"strconv"
	"strings"
)

// place takes the "file:line: " off that a reason begins with when it is about
// the configuration.
func place(reason string) (file string, line int, rest string) {
	head, rest, ok := strings.Cut(reason, ": ")
	i := strings.LastIndexByte(head, ':')
	if !ok || i < 0 || !filepath.IsAbs(head[:i]) {
		return "", 0, reason
	}
	line, err := strconv.Atoi(head[i+1:])
	if err != nil || line < 1 {
		return "", 0, reason
	}
	return head[:i], line, rest
}
