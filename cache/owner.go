package cache

import "errors"

// What owned returns.
var (
	errForeign = errors.New("not this user's own file or folder")
	errLoose   = errors.New("others may write to it") // fixed by the next write
)
