package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// enableEscapes makes the console read escape sequences, and reports whether it
// does: consoles before Windows 10 print them.
func enableEscapes(f *os.File) bool {
	var mode uint32
	h := windows.Handle(f.Fd())
	if windows.GetConsoleMode(h, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
