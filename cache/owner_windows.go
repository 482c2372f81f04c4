package cache

import "os"

// owned checks the type only. The ACL of the user's profile folder, which everything
// below inherits, decides who may write.
func owned(path string) error {
	f, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !f.Mode().IsRegular() && !f.IsDir() {
		return errForeign
	}
	return nil
}

// syncDir does nothing: Windows has no such call, and its rename is journalled.
func syncDir(string) error { return nil }
