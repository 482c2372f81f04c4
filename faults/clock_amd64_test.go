//go:build linux

package faults

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// turned is a running daemon whose wall clock can be set. A static Go program
// reads the clocks in code that the kernel maps into it, the vDSO; that code is
// replaced, in this one process, by code that adds an offset to the wall clock and
// leaves the others as they are.
type turned struct {
	mem    *os.File
	offset int64 // address of the offset, in seconds
}

// turnable replaces the code. It needs root, to write to a daemon's memory.
func (w *world) turnable() *turned {
	w.needRoot("the clock of a daemon")
	at, err := clockCode()
	if err == nil {
		var base int64
		if base, err = vdso(w.pid()); err == nil {
			at += base
		}
	}
	if err != nil {
		w.Skipf("the clock of a daemon cannot be set here: %v", err)
	}
	mem, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", w.pid()), os.O_RDWR, 0)
	w.must(err)
	w.Cleanup(func() { mem.Close() })
	code := []byte{
		0xb8, unix.SYS_CLOCK_GETTIME, 0, 0, 0, // mov eax, clock_gettime
		0x0f, 0x05, //                            syscall
		0x85, 0xff, //                            test edi, edi: CLOCK_REALTIME is 0
		0x75, 0x0a, //                            jne to ret
		0x48, 0x8b, 0x0d, 0x06, 0, 0, 0, //       mov rcx, [the offset]
		0x48, 0x01, 0x0e, //                      add [rsi], rcx: the seconds
		0xc3,       //                            ret
		0x90, 0x90, // to a multiple of eight
	}
	if pad := (8 - (at+int64(len(code)))%8) % 8; pad != 0 {
		w.Fatalf("the clock's code stands at an odd address: %x", at)
	}
	// No thread may be in the middle of the old code: the daemon is idle, and is stopped.
	w.must(send(w.pid(), unix.SIGSTOP))
	_, err = mem.WriteAt(append(code, make([]byte, 8)...), at)
	w.must(err)
	w.must(send(w.pid(), unix.SIGCONT))
	return &turned{mem, at + int64(len(code))}
}

// by sets the wall clock so far off the machine's.
func (c *turned) by(d time.Duration) error {
	_, err := c.mem.WriteAt(binary.LittleEndian.AppendUint64(nil, uint64(int64(d/time.Second))), c.offset)
	return err
}

// vdso is where the kernel's code stands in a process.
func vdso(pid int) (int64, error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(maps)) {
		if strings.HasSuffix(strings.TrimSpace(line), "[vdso]") {
			var from, to int64
			_, err := fmt.Sscanf(line, "%x-%x", &from, &to)
			return from, err
		}
	}
	return 0, errors.New("there is no vDSO")
}

// clockCode is where in the vDSO the clocks are read. It is the same in every
// process, so it is looked up in this one.
func clockCode() (int64, error) {
	base, err := vdso(os.Getpid())
	if err != nil {
		return 0, err
	}
	self, err := os.Open("/proc/self/mem")
	if err != nil {
		return 0, err
	}
	defer self.Close()
	image := make([]byte, 2*os.Getpagesize())
	if _, err := self.ReadAt(image, base); err != nil {
		return 0, err
	}
	file, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return 0, err
	}
	symbols, err := file.DynamicSymbols()
	for _, s := range symbols {
		if s.Name == "__vdso_clock_gettime" && s.Size >= 40 {
			return int64(s.Value), nil
		}
	}
	return 0, errors.Join(errors.New("the vDSO does not read the clocks as it used to"), err)
}
