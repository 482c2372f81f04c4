package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/doctor"
	"understudy/internal/text"
)

func newListCommand(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "Show every profile and where its credentials come from",
		Long: `Shows the profiles of the configuration files: where the credentials of each come
from, its region, whether SDKs are led to understudy by it, and the first thing
that doctor would say of it, in one word.

It reads the files and asks nobody: no daemon, no STS, no keychain.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return misused("list takes no argument", "understudy list")
			}
			return a.list(c.Context(), asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

// listed is one profile of the list. Fields are added, never renamed.
type listed struct {
	Name    string `json:"name"`
	Source  string `json:"source"` // for people; empty where it has none, or none that can be used
	RoleARN string `json:"role_arn"`
	Region  string `json:"region"` // its own, else that of the profiles it stands on
	Adopted bool   `json:"adopted"`
	Problem string `json:"problem"` // the check of doctor's worst finding; empty when all is well

	keys bool // it is long-lived keys in a file and nothing else
}

func (a *app) list(ctx context.Context, asJSON bool) error {
	endBySignal()
	v, err := a.openView(ctx)
	if err != nil {
		return err
	}
	defer v.close()
	if v.broken != nil {
		return v.broken
	}
	all := v.list(a.version)
	if asJSON {
		b, err := json.MarshalIndent(map[string][]listed{"profiles": nonNil(all)}, "", "  ")
		if err != nil {
			return err
		}
		return a.write(append(b, '\n'))
	}
	if len(all) == 0 {
		a.note("there is no profile in %s or %s", text.Line(v.files.Config), text.Line(v.files.Credentials))
		a.hint("to write one, run: aws configure --profile NAME")
		return nil
	}
	return a.write([]byte(listTable(all, screenOf(a.out, os.Getenv))))
}

func (v *view) list(version string) (all []listed) {
	worst := map[string]string{}
	names := v.config.Names()
	for _, f := range doctor.Examine(v.facts(names, version)) {
		if _, ok := worst[f.Profile]; !ok && f.Severity != doctor.Note {
			worst[f.Profile] = f.Check
		}
	}
	for _, name := range names {
		if p, ok := v.row(name); ok {
			p.Problem = worst[name]
			all = append(all, p)
		}
	}
	return all
}

// row is a profile without what doctor says of it; ok is false where its lines
// cannot be read.
func (v *view) row(name string) (l listed, ok bool) {
	p, ok := v.config.Profile(name)
	if !ok {
		return l, false
	}
	l.Name = name
	helper, _ := p.Get("credential_process")
	_, l.Adopted = awsconfig.ParseOwn(helper.Text)
	for _, below := range v.chain(name) {
		if q, ok := v.config.Profile(below); ok && l.Region == "" {
			region, _ := q.Get("region")
			l.Region = region.Text
		}
	}
	plan, err := v.plan(name)
	switch {
	case err == nil:
		l.Source, l.RoleARN = plan.Source, plan.RoleARN
		_, inFile := p.Get("aws_access_key_id")
		_, kept := p.Get("keys")
		l.keys = inFile && !kept && plan.RoleARN == ""
	case errors.Is(err, credential.ErrWantsEnvironment):
		role, _ := p.Get("role_arn")
		l.Source, l.RoleARN = "role via keys of the caller's environment", role.Text
	}
	return l, true
}

func listTable(all []listed, s screen) string {
	rows := [][]cell{{{"PROFILE", dim}, {"SOURCE", dim}, {"REGION", dim}, {"ADOPTED", dim}, {"PROBLEM", dim}}}
	for _, l := range all {
		adopted := cell{"no", dim}
		if l.Adopted {
			adopted = cell{"yes", green}
		}
		rows = append(rows, []cell{
			{cut(text.Line(l.Name), maxProfiles, s.unicode), bold}, {orDash(l.Source), plain}, {orDash(l.Region), plain}, adopted, {l.Problem, yellow},
		})
	}
	var b strings.Builder
	writeRows(&b, rows, s)
	return b.String()
}
