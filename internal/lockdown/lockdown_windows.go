package lockdown

import "golang.org/x/sys/windows"

// Apply keeps Windows Error Reporting from writing the process to disk when it
// crashes. Other programs of the same user can still open it: Windows has no
// switch for that short of a protected process.
func Apply() error {
	windows.SetErrorMode(windows.SEM_FAILCRITICALERRORS | windows.SEM_NOGPFAULTERRORBOX)
	return nil
}
