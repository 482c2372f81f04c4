//go:build linux || darwin

package logfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAPipeIsRefusedWithoutWaiting(t *testing.T) {
	for name, reader := range map[string]bool{"nobody reads it": false, "somebody reads it": true} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.log")
			if err := unix.Mkfifo(path, 0o600); err != nil {
				t.Fatal(err)
			}
			if reader {
				end, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
				if err != nil {
					t.Fatal(err)
				}
				defer end.Close()
			}
			l := New(path, 1)
			defer l.Close()
			for range 2 {
				if _, err := l.Write([]byte("x\n")); err == nil || !strings.Contains(err.Error(), "not a regular file") {
					t.Errorf("err %v", err)
				}
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if _, err := l.Write([]byte("x\n")); err != nil || read(t, path) != "x\n" {
				t.Errorf("once it is gone: %v", err)
			}
		})
	}
}
