package place

import "golang.org/x/sys/windows"

// defaultSocket returns the name of a named pipe, with the user's SID in it.
func defaultSocket() (string, error) {
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return "", err
	}
	return `\\.\pipe\understudy-` + u.User.Sid.String(), nil
}

// MaxPath is the longest name of a pipe.
const MaxPath = 256

// CheckDir and MakeDir do nothing: a pipe is not in a folder.
func CheckDir(string) error { return nil }

func MakeDir(string) error { return nil }
