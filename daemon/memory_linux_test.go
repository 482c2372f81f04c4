package daemon

import (
	"bufio"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// mappedOfFiles is this process's RssFile, in KB.
func mappedOfFiles(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`RssFile:\s*(\d+) kB`).FindSubmatch(status)
	if found == nil {
		t.Skip("this kernel has no RssFile")
	}
	n, _ := strconv.Atoi(string(found[1]))
	return n
}

func TestTrimmingUnmapsTheProgramAndItGoesOn(t *testing.T) {
	before := mappedOfFiles(t)
	trimProgram()
	if after := mappedOfFiles(t); after > before*3/4 {
		t.Errorf("%d KB are mapped, %d before", after, before)
	}
}

// lines is the smaps of a real process, cut to what is read.
const lines = `00400000-00a7f000 r-xp 00000000 fe:00 77                           /bin/understudy
Rss:                6836 kB
Anonymous:             0 kB
00a7f000-01424000 r--p 0067f000 fe:00 77                           /bin/understudy
Anonymous:             %d kB
Swap:                  0 kB
01424000-014e2000 rw-p 01024000 fe:00 77                           /bin/understudy
Anonymous:             0 kB
014e2000-03527000 rw-p 00000000 00:00 0 
Anonymous:           124 kB
7f0000000000-7f0000001000 r--p 00000000 fe:01 77                     /lib/other
Anonymous:             0 kB
7f0000002000-7f0000003000 r--p 00000000 fe:00 78                     /lib/another
Anonymous:             0 kB
`

func TestOnlyUnwrittenMappingsOfTheProgramAreUnmapped(t *testing.T) {
	for name, c := range map[string]struct {
		smaps string
		pc    uintptr
		want  []uintptr
	}{
		"both":                     {strings.ReplaceAll(lines, "%d", "0"), 0x401000, []uintptr{0x400000, 0xa7f000}},
		"relocated":                {strings.ReplaceAll(lines, "%d", "4"), 0x401000, []uintptr{0x400000}},
		"relocated, swapped out":   {strings.NewReplacer("%d", "0", "Swap:                  0", "Swap:                  4").Replace(lines), 0x401000, []uintptr{0x400000}},
		"an address of no mapping": {strings.ReplaceAll(lines, "%d", "0"), 0x1000, nil},
		"an address of no file":    {strings.ReplaceAll(lines, "%d", "0"), 0x14e2000, nil},
		"the kernel does not say":  {strings.NewReplacer("Anonymous", "Other", "Swap", "Other").Replace(lines), 0x401000, nil},
		"nothing":                  {"", 0x401000, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []uintptr
			for _, m := range programMappings(bufio.NewScanner(strings.NewReader(c.smaps)), c.pc) {
				got = append(got, m.start)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%x, want %x", got, c.want)
			}
		})
	}
}
