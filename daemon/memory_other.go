//go:build !linux

package daemon

// trimProgram does nothing: this system's tools do not count the pages of a program's
// file as its memory, or it has no call to unmap them.
func trimProgram() {}
