//go:build linux

package faults

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"time"

	"understudy/internal/wire"
)

// frames yields n requests that are malformed: some made up, the others a good
// one with a few bytes changed, put in or taken out.
func frames(n int) func(func([]byte) bool) {
	good := wire.Request{Op: wire.Credentials, Profile: actor, ConfigFile: "/nowhere/config", CredentialsFile: "/nowhere/credentials"}.Append(nil)
	made := [][]byte{
		nil, []byte("\n"), []byte("{}\n"), []byte("null\n"), []byte("[]\n"), []byte("\x00\n"),
		[]byte(strings.Repeat("[", 60<<10) + "\n"),
		[]byte(strings.Repeat(`{"v":`, 12<<10) + "\n"),
		[]byte(`{"v":1,"op":"credentials","profile":` + strings.Repeat("[", 60<<10) + "\n"),
		[]byte(`{"v":1,"op":"load","profile":"/bin/sh"}` + "\n"),
		[]byte(`{"v":99,"op":"credentials"}` + "\n"),
		[]byte(`{"v":1,"op":"status","profile":"a\u001b[31m"}` + "\n"),
		[]byte(`{"v":1,"op":"status"}{"v":1,"op":"stop"}` + "\n"),
		fields(6000), bytes.Repeat([]byte{0xff}, wire.MaxLine+1),
	}
	r := rand.New(rand.NewPCG(33, 33))
	return func(yield func([]byte) bool) {
		for i := range n {
			frame := slices.Clone(good)
			if i < len(made) {
				frame = made[i]
			} else {
				for range 1 + r.IntN(4) {
					at := r.IntN(len(frame))
					switch r.IntN(3) {
					case 0:
						frame[at] = byte(r.IntN(256))
					case 1:
						frame = slices.Insert(frame, at, byte(r.IntN(256)))
					default:
						frame = slices.Delete(frame, at, min(at+1+r.IntN(3), len(frame)-1))
					}
				}
			}
			if !yield(frame) {
				return
			}
		}
	}
}

// fields returns an object with n unknown fields.
func fields(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"v":1`)
	for i := range n {
		fmt.Fprintf(&b, `,"a%d":1`, i)
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// flood sends a line of 1 GiB, and an object of a million fields. The daemon
// must cut each off, so it must read little of it.
func (w *world) flood() {
	million := fields(1_000_000)
	line := bytes.Repeat([]byte("x"), 1<<20)
	w.asGuest(func() {
		for range w.size(3, 30) {
			w.check(w.cutOff(1<<30, line))
			w.check(w.cutOff(len(million), million))
		}
	})
}

// cutOff is nil when a sender gets rid of little of size bytes.
func (w *world) cutOff(size int, piece []byte) error {
	conn, err := net.Dial("unix", w.Socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	for sent := 0; sent < size; {
		n, err := conn.Write(piece)
		sent += n
		w.worst("taken of a line", float64(sent>>10), "KiB")
		if err == nil {
			continue
		}
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			return fmt.Errorf("after %d bytes the connection hangs", sent)
		}
		return nil
	}
	return fmt.Errorf("%d bytes were taken", size)
}
