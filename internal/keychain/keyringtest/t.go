// Package keyringtest starts a Secret Service that belongs to one test: a D-Bus
// session of its own, on which nothing is activated and nothing can reach a
// screen, with gnome-keyring in a folder of its own, or a fake that does what
// gnome-keyring cannot be made to do.
package keyringtest

// T is a *testing.T, or what a program has in place of one: a testbed.Program.
type T interface {
	Helper()
	TempDir() string
	Cleanup(func())
	Fatal(...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}
