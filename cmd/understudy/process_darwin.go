package main

import "golang.org/x/sys/unix"

// gone reports whether process pid has ended.
func gone(pid int) bool { return unix.Kill(pid, 0) == unix.ESRCH }
