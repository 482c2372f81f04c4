package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

	"understudy/internal/adopt"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/rewrite"
	"understudy/internal/source"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// pair are the two files as they were read, the config file first.
type pair [2]held

// held is one of them. One that is missing says nothing; one that must not be
// replaced says why.
type held struct {
	path string
	text string
	file *rewrite.File
	why  error
}

func openPair(config, credentials string) (p pair, err error) {
	for i, path := range []string{config, credentials} {
		if p[i], err = open(path); err != nil {
			return p, err
		}
	}
	return p, nil
}

func open(path string) (held, error) {
	f, err := rewrite.Open(path)
	switch {
	case err == nil:
		return held{path: path, text: f.Text(), file: f}, nil
	case errors.Is(err, fs.ErrNotExist), path == os.DevNull:
		return held{path: path}, nil
	}
	// What is not ours to change may be read all the same.
	info, statErr := os.Stat(path)
	if statErr != nil || !info.Mode().IsRegular() {
		return held{}, err
	}
	text, readErr := os.ReadFile(path)
	if readErr != nil {
		return held{}, err
	}
	return held{path: path, text: string(text), why: err}, nil
}

func (p pair) files() adopt.Files {
	return adopt.Files{
		Files:      awsconfig.Files{Config: p[0].path, Credentials: p[1].path},
		ConfigText: p[0].text, CredentialsText: p[1].text,
	}
}

// drafts are those of a change, in the order of a pair.
func drafts(c *adopt.Change) [2]*awsconfig.Draft {
	return [2]*awsconfig.Draft{c.Config, c.Credentials}
}

// fit refuses a change of a file that must not be replaced.
func (p pair) fit(c *adopt.Change) error {
	for i, d := range drafts(c) {
		if d.Changed() && p[i].why != nil {
			return p[i].why
		}
	}
	return nil
}

// writeMoved replaces the files that change, and puts both back where what was
// written is not what was meant.
func (a *app) writeMoved(ctx context.Context, v verb, p pair, c *adopt.Change, moved []adopt.Outcome) error {
	// What has begun is brought to an end: half of two files is neither.
	ctx = context.WithoutCancel(ctx)
	trusted := p.trusted()
	order := []int{0, 1}
	if v.name == "release" { // so that a profile counts as adopted until all of it is done
		slices.Reverse(order)
	}
	var backups []string
	var written []int
	err := func() error {
		for _, i := range order {
			d := drafts(c)[i]
			if !d.Changed() {
				continue
			}
			backup, err := p[i].file.Replace(ctx, d.Text(), rewrite.Options{Backup: !v.secret})
			if err != nil {
				return err
			}
			backups, written = append(backups, backup), append(written, i)
		}
		to := p.files()
		to.ConfigText, to.CredentialsText = c.Texts()
		if err := v.proves(to, moved); err != nil {
			return &wire.Error{Code: wire.BadConfig, Message: err.Error(), Hint: "nothing was changed; understudy " + v.name + " --dry-run shows what would be"}
		}
		return nil
	}()
	if err != nil {
		return p.putBack(ctx, written, backups, err)
	}
	return a.tellMoved(v, p, moved, backups, trusted)
}

// putBack gives the files written their old text again and returns why.
func (p pair) putBack(ctx context.Context, written []int, backups []string, why error) error {
	for n, i := range written {
		if _, err := p[i].file.Replace(ctx, p[i].text, rewrite.Options{}); err != nil {
			e := &wire.Error{Code: wire.BadConfig, Message: why.Error() + "; and " + credential.AsFailure(err).Reason, Hint: "look at " + p[i].path}
			if backups[n] != "" {
				e.Hint = "the old file is " + backups[n]
			}
			return e
		}
		if backups[n] != "" {
			os.Remove(backups[n])
		}
	}
	return why
}

func (a *app) tellMoved(v verb, p pair, moved []adopt.Outcome, backups []string, trusted []string) error {
	for _, backup := range slices.DeleteFunc(backups, func(b string) bool { return b == "" }) {
		a.note("the old file is kept as %s", text.Line(backup))
	}
	a.trustAnew(p, trusted)
	for _, m := range moved {
		if err := a.say("%s %s", v.done, text.Line(m.Profile)); err != nil {
			return err
		}
	}
	return nil
}

// readAnew reads the files as the daemon does.
func readAnew(ctx context.Context, f awsconfig.Files) (*awsconfig.Config, error) {
	return new(awsconfig.Reader).Read(ctx, f)
}

// planOf is how the daemon would obtain a profile's session. Plans are compared,
// none is carried out: what they would be asked for does not matter.
func planOf(ctx context.Context, c *awsconfig.Config, profile string) (*credential.Plan, error) {
	r := &source.Resolver{
		SessionName: "understudy",
		Read:        func(context.Context, awsconfig.Files) (*awsconfig.Config, error) { return c, nil },
		TOTP: func(context.Context, string) (prompt.Answer, error) {
			return prompt.Answer{}, prompt.ErrNobody
		},
		Kept: &source.Kept{Mark: func(profile string) string { return profile }},
	}
	defer r.Close()
	return r.Resolve(ctx, credential.Query{Profile: profile, Environment: &credential.Environment{
		AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: credential.NewSecret("made-up"),
	}})
}
