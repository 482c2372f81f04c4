//go:build linux || darwin

package main

import "os"

// enableEscapes reports whether the terminal reads escape sequences; all do.
func enableEscapes(*os.File) bool { return true }
