//go:build !linux

// Command faults needs Linux: namespaces, strace and /proc are what it is made
// of.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "faults: only Linux has what the faults are made with")
	os.Exit(3)
}
