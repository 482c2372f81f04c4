//go:build !linux || !(amd64 || arm64)

package prelude

// Take has nothing to give: this platform's programs begin in the Go runtime.
func Take() (left Left, ok bool) { return Left{}, false }
