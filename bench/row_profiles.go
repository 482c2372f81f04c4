package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// manyProfilesRow is how long commands take in a home with many profiles.
func manyProfilesRow(ctx context.Context, w *world) ([]figure, error) {
	var out []figure
	for _, size := range []struct {
		profiles int
		most     float64
	}{{w.options.profiles, 100}, {w.options.profiles * 3 / 2, 150}} {
		p, err := w.manyProfiles(size.profiles, "config", `
[profile p%[1]d]
understudy_role_arn = arn:aws:iam::123456789012:role/R%[1]d
understudy_source_profile = base
credential_process = /usr/local/bin/understudy-credentials p%[1]d
region = eu-west-1
`)
		if err != nil {
			return nil, err
		}
		var took []float64
		for range heats {
			wall, _, err := p.in(ctx, size.profiles, "list")
			if err != nil {
				return nil, err
			}
			took = append(took, milliseconds(wall))
		}
		out = append(out, figure{Title: fmt.Sprintf("list of %d profiles", size.profiles), Value: middle(took), Unit: "ms",
			Goals: []goal{goal{Most: size.most}.best(took)}})
	}
	imports, err := importFigures(ctx, w)
	return append(out, imports...), err
}

// importFigures compares the CPU time of an import with that of an import of half
// as many keys, so that quadratic work shows.
func importFigures(ctx context.Context, w *world) ([]figure, error) {
	sizes := []int{w.options.profiles, 2 * w.options.profiles}
	places := make([]*place, len(sizes))
	took := make([][]float64, len(sizes))
	for i, n := range sizes {
		var err error
		if places[i], err = w.manyProfiles(n, "credentials", `
[p%[1]d]
aws_access_key_id = AKIAIOSFODNN7EXA%04[1]d
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEK%04[1]d
`); err != nil {
			return nil, err
		}
	}
	for range heats {
		for i, n := range sizes {
			_, cpu, err := places[i].in(ctx, n, "keys", "import", "--all", "--dry-run")
			if err != nil {
				return nil, err
			}
			took[i] = append(took[i], milliseconds(cpu))
		}
	}
	figures := make([]figure, len(sizes))
	for i, n := range sizes {
		figures[i] = figure{Title: fmt.Sprintf("import of %d keys, CPU time", n), Value: middle(took[i]), Unit: "ms", Note: "dry run"}
	}
	figures[1].Goals = []goal{goal{Of: figures[0].Title, Most: 2.6}.best(shares(took[1], took[0]))}
	return figures, nil
}

// manyProfiles makes a place whose AWS file has n profiles, each made of format and
// its number.
func (w *world) manyProfiles(n int, file, format string) (*place, error) {
	p, err := w.newPlace(fmt.Sprintf("%s%d", file, n), w.url, 0)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, format, i)
	}
	if file == "config" {
		return p, p.more(text.String())
	}
	return p, p.program.Try(func() { p.bed.Write(filepath.Join(".aws", file), text.String()) })
}

// in runs understudy in a place with n profiles and returns its duration and CPU
// time. It returns an error if the output has fewer than n lines.
func (p *place) in(ctx context.Context, n int, args ...string) (wall, cpu time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.bed.Path("understudy"), args...)
	cmd.Env = p.env()
	began := time.Now()
	out, err := cmd.CombinedOutput()
	wall = time.Since(began)
	if err != nil {
		return 0, 0, fmt.Errorf("%v: %w: %.200s", args, err, out)
	}
	if lines := strings.Count(string(out), "\n"); lines < n {
		return 0, 0, fmt.Errorf("%v prints %d lines for %d profiles", args, lines, n)
	}
	return wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}
