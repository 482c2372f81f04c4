//go:build linux

package faults

import (
	"errors"
	"fmt"
	"io"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// lookedInto is row 27: another program of the same user, without root, wants
// what is in the daemon's memory and descriptors.
func lookedInto(t *trial) {
	t.needRoot("to be an ordinary user beside the daemon")
	w, _ := t.world().withKeyring()
	w.warm()
	pid := w.pid()
	for _, look := range looks(pid) {
		for range t.size(5, 100) {
			var err error
			t.asGuest(func() { err = look.try() })
			t.checkf(refusedByKernel(err), "%s is not refused: %v", look.name, err)
		}
	}
	// The looks work in principle: they succeed on this program, which does
	// not protect itself.
	for _, look := range looks(os.Getpid()) {
		if err := look.try(); err != nil && look.name != "ptrace" {
			t.violate("the look at %s proves nothing: %v", look.name, err)
		}
	}
	t.worst("ways", float64(len(looks(pid))), "")
}

func refusedByKernel(err error) bool {
	return errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES)
}

type look struct {
	name string
	try  func() error
}

func looks(pid int) []look {
	read := func(name string) func() error {
		return func() error {
			f, err := os.Open(fmt.Sprintf("/proc/%d/%s", pid, name))
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.Read(make([]byte, 1))
			if name == "mem" && errors.Is(err, unix.EIO) || err == io.EOF {
				return nil // nothing is mapped at 0, but it may be read
			}
			return err
		}
	}
	return []look{
		{"mem", read("mem")},
		{"maps", read("maps")},
		{"environ", read("environ")},
		{"fd", func() error {
			_, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
			return err
		}},
		{"exe", func() error {
			_, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
			return err
		}},
		{"ptrace", func() error {
			err := unix.PtraceSeize(pid)
			if err == nil {
				unix.PtraceDetach(pid)
			}
			return err
		}},
		{"process_vm_readv", func() error {
			buf := make([]byte, 8)
			at := uintptr(unsafe.Pointer(unsafe.SliceData(buf)))
			local := unix.Iovec{Base: unsafe.SliceData(buf)}
			local.SetLen(len(buf))
			_, err := unix.ProcessVMReadv(pid, []unix.Iovec{local}, []unix.RemoteIovec{{Base: at, Len: len(buf)}}, 0)
			return err
		}},
		{"pidfd_getfd", func() error {
			fd, err := unix.PidfdOpen(pid, 0)
			if err != nil {
				return fmt.Errorf("open: %v", err) // no refusal: anybody may
			}
			defer unix.Close(fd)
			got, err := unix.PidfdGetfd(fd, 0, 0)
			if err == nil {
				unix.Close(got)
			}
			return err
		}},
	}
}
