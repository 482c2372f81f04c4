package trust

import "io/fs"

// ownedAlone holds nothing up on Windows, where the mode bits say nothing: the
// profile folder's ACL keeps other users out.
func ownedAlone(string, fs.FileInfo) error { return nil }

// syncDir has nothing to do: folders cannot be synced on Windows.
func syncDir(string) {}
