package main

import "golang.org/x/sys/windows"

// gone reports whether process pid has ended.
func gone(pid int) bool {
	p, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(pid))
	if err != nil {
		return true
	}
	defer windows.CloseHandle(p)
	event, err := windows.WaitForSingleObject(p, 0)
	return err == nil && event == windows.WAIT_OBJECT_0
}
