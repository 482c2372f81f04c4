package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"

	"understudy/internal/text"
	"understudy/internal/trust"
)

// trusted returns the files of the pair that a person has allowed as they stand.
func (p pair) trusted() (paths []string) {
	l, err := trustList()
	if err != nil {
		return nil
	}
	policy := trust.Policy{List: l}
	for _, h := range p {
		if h.file != nil && policy.Approve(h.path, []byte(h.text)) == nil && h.text != "" {
			paths = append(paths, h.path)
		}
	}
	return paths
}

// trustAnew allows files again that were allowed as they stood before a change
// that a person has seen. What somebody wrote there since is not allowed.
func (a *app) trustAnew(p pair, paths []string) {
	l, err := trustList()
	if err != nil {
		return
	}
	for _, path := range paths {
		e, err := l.Add(path)
		if err == nil && !p.says(path, e.SHA256) {
			err = errors.Join(l.Remove(path), errors.New("it has changed since it was written"))
		}
		if err != nil {
			a.note("%s is trusted no longer: %s", text.Line(path), text.Line(err.Error()))
			a.hint("to allow it again, run: understudy trust %s", text.Line(path))
		}
	}
}

// says reports whether the file at path was written as what has this digest.
func (p pair) says(path, digest string) bool {
	return slices.ContainsFunc(p[:], func(h held) bool {
		if h.path != path || h.file == nil {
			return false
		}
		sum := sha256.Sum256([]byte(h.file.Text()))
		return hex.EncodeToString(sum[:]) == digest
	})
}
