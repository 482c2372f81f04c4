//go:build !linux

package testbed

import "errors"

// Halt stops the world's daemon.
func (w *World) Halt() error {
	if o := w.Understudy("daemon", "stop"); o.Status != 0 {
		return errors.New(o.String())
	}
	return nil
}
