package cache

import "errors"

// Errors of owned.
var (
	errForeign = errors.New("not this user's own file or folder")
	errLoose   = errors.New("others may write to it") // the next write fixes that
)
