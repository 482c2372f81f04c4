package atomicfile

import "io/fs"

// Mine is always true: the ACL of the user's profile folder keeps other users out.
func Mine(fs.FileInfo) bool { return true }

func loose(fs.FileInfo) bool { return false }

// SyncDir does nothing: Windows has no such call, and its rename is journalled.
func SyncDir(string) error { return nil }
