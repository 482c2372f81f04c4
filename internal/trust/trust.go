// Package trust decides which configuration files may be used. A caller may
// name a file to the daemon but not lend it power: what stands in it decides
// whom the daemon signs requests for and where it sends them, so a file counts
// only when it is one of the daemon's own, or when a person has allowed it.
//
// Allowing works as direnv's does: what is allowed is a path together with the
// hash of its content, so that a file that changes asks again.
package trust

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"understudy/internal/credential"
	"understudy/internal/place"
	"understudy/internal/wire"
)

// Policy says which files are trusted. Its zero value trusts none that holds
// anything. It is safe for concurrent use while its fields stay as they are.
type Policy struct {
	// Always are the absolute paths trusted whatever they hold: the default
	// files of the daemon's home, and those named by whoever started it.
	Always []string
	// List holds the files that a person allowed; nil means none.
	List *List
}

// Own returns the default files in the user's home, which are always trusted; none
// if the user has no home.
func Own() []string {
	home, err := place.Home()
	if err != nil {
		return nil
	}
	return []string{filepath.Join(home, ".aws", "config"), filepath.Join(home, ".aws", "credentials")}
}

// Approve returns nil when the file at path may be used with this very
// content, and a *credential.Failure that says how to allow it when not. A
// file that holds nothing lends no power and passes.
func (p *Policy) Approve(path string, content []byte) error {
	if len(content) == 0 || p.Stands(path) {
		return nil
	}
	path = filepath.Clean(path)
	if p.List == nil {
		return refuse(path, "is not trusted")
	}
	entries, err := p.List.Entries()
	if err != nil {
		return refuse(path, "is not trusted: "+err.Error())
	}
	i := slices.IndexFunc(entries, func(e Entry) bool { return samePath(e.Path, path) })
	switch {
	case i < 0:
		return refuse(path, "is not trusted")
	case entries[i].SHA256 != digest(content):
		return refuse(path, "has changed since it was trusted")
	}
	return nil
}

// Stands reports whether all of paths are trusted whatever the list says, so
// that a change of it does not matter to them.
func (p *Policy) Stands(paths ...string) bool {
	for _, path := range paths {
		if slices.Contains(p.Always, path) {
			continue // nearly always, and on every request
		}
		path = filepath.Clean(path)
		if !slices.ContainsFunc(p.Always, func(a string) bool { return samePath(filepath.Clean(a), path) }) {
			return false
		}
	}
	return true
}

func refuse(path, why string) error {
	return &credential.Failure{
		Code:   wire.BadConfig,
		Reason: "the file " + path + " " + why,
		Hint:   "if it is yours: understudy trust " + path,
	}
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// samePath compares two clean paths as the platform's file system does.
func samePath(a, b string) bool {
	if runtime.GOOS == "windows" {
		return strings.EqualFold(a, b)
	}
	return a == b
}
