package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"understudy/internal/adopt"
	"understudy/internal/rewrite"
	"understudy/internal/text"
)

// spill is a file that holds a key which was moved.
type spill struct {
	path string
	ours bool // a backup that adopt or release made
}

// tellProven tells whom the keys speak for, and of other files that hold them; it
// returns those.
func (a *app) tellProven(c *adopt.Change, f adopt.Files, proven map[string]imported) (all []spill) {
	for _, o := range c.Profiles {
		one, ok := proven[o.Profile]
		if o.State != adopt.Moved || !ok {
			continue
		}
		a.note("%s: the key %s speaks for %s", text.Line(o.Profile), one.key.ID, text.Line(one.who.ARN))
		for _, s := range append(spills(f, one), stays(c, one)...) {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	for _, s := range all {
		if s.ours {
			a.note("%s holds such a key too, and is removed", text.Line(s.path))
		}
	}
	return all
}

// stays are those of the two files that hold the key after the change too: in a
// comment, in a section that is no profile, or in a profile that is not moved.
func stays(c *adopt.Change, one imported) (all []spill) {
	for _, d := range drafts(c) {
		if strings.Contains(d.Text(), one.key.Secret.Reveal()) {
			all = append(all, spill{path: d.Path()})
		}
	}
	return all
}

// maxSpill is the biggest file that is looked into, in bytes.
const maxSpill = 16 << 20

// spills looks for the key in the folders of the two files, where editors and
// tools leave copies.
func spills(f adopt.Files, one imported) (all []spill) {
	secret := []byte(one.key.Secret.Reveal())
	var folders []string
	for _, path := range []string{f.Config, f.Credentials} {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			path = target
		}
		if dir := filepath.Dir(path); !slices.Contains(folders, dir) && path != os.DevNull {
			folders = append(folders, dir)
		}
	}
	backups := slices.Concat(backupsOf(f.Config), backupsOf(f.Credentials))
	for _, dir := range folders {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			if info, err := e.Info(); err != nil || !info.Mode().IsRegular() || info.Size() > maxSpill || isEither(f, path) {
				continue
			}
			if content, err := os.ReadFile(path); err == nil && bytes.Contains(content, secret) {
				all = append(all, spill{path, slices.Contains(backups, path)})
			}
		}
	}
	return all
}

func backupsOf(path string) []string {
	all, err := rewrite.Backups(path)
	if err != nil {
		return nil
	}
	return all
}

// isEither reports whether path is one of the two files themselves.
func isEither(f adopt.Files, path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	for _, one := range []string{f.Config, f.Credentials} {
		if its, err := os.Stat(one); err == nil && os.SameFile(info, its) {
			return true
		}
	}
	return false
}

// mopUp removes our own copies, and tells of those of others.
func (a *app) mopUp(all []spill) {
	for _, s := range all {
		if s.ours {
			if err := os.Remove(s.path); err == nil {
				a.note("removed %s", text.Line(s.path))
				continue
			}
		}
		a.note("the key stands in %s still", text.Line(s.path))
		a.hint("look at it, and take the key out")
	}
}
