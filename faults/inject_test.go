//go:build linux

package faults

import (
	"bufio"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// inject makes system calls of the running daemon fail or wait, until mend is
// called. It needs root: no other user may trace a daemon.
func (w *world) inject(what ...string) (mend func()) {
	w.need("strace", "strace")
	w.needRoot("to trace a daemon")
	argv := []string{"-f", "-o", "/dev/null", "-p", fmt.Sprint(w.pid())}
	for _, one := range what {
		call, _, _ := strings.Cut(one, ":")
		argv = append(argv, "-e", "trace="+call, "-e", "inject="+one)
	}
	cmd := exec.Command("strace", argv...)
	said, err := cmd.StderrPipe()
	w.must(err)
	w.must(cmd.Start())
	mend = sync.OnceFunc(func() {
		cmd.Process.Signal(syscall.SIGTERM) // it lets go of the daemon
		cmd.Wait()
	})
	w.Cleanup(mend)
	attached := make(chan bool, 1)
	go func() { // ends with strace
		lines := bufio.NewScanner(said)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "attached") {
				select {
				case attached <- true:
				default:
				}
			}
		}
	}()
	select {
	case <-attached:
	case <-time.After(5 * time.Second):
		mend()
		w.Skipf("strace cannot trace a daemon here")
	}
	return mend
}
