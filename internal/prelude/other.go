//go:build unix && !(linux && (amd64 || arm64))

package prelude

// Take returns false: this platform has no prelude.
func Take() (left Left, ok bool) { return Left{}, false }
