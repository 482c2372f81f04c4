package main

import (
	"understudy/internal/trust"
	"understudy/internal/wire"
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
// that a person has seen.
func (a *app) trustAnew(paths []string) {
	l, err := trustList()
	if err != nil {
		return
	}
	for _, path := range paths {
		if _, err := l.Add(path); err != nil {
			a.note("%s is trusted no longer: %s", wire.Line(path), wire.Line(err.Error()))
			a.hint("to allow it again, run: understudy trust %s", wire.Line(path))
		}
	}
}
