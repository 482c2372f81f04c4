package atomicfile

import (
	"errors"
	"io/fs"
)

// Errors of Own.
var (
	ErrForeign = errors.New("not this user's own file or folder")
	ErrLoose   = errors.New("others may write to it")
)

// Own returns nil if info is of a regular file or a folder that belongs to this user and
// that others may not write to: ErrForeign if it is a link, something else, or another
// user's; ErrLoose if others have the permission to write.
//
// On Windows it looks at the type only: the ACL of the user's profile folder, which
// everything below inherits, decides who may write.
func Own(info fs.FileInfo) error {
	switch {
	case !info.Mode().IsRegular() && !info.IsDir(), !Mine(info):
		return ErrForeign
	case loose(info):
		return ErrLoose
	}
	return nil
}
