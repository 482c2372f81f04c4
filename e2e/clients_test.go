//go:build linux

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// An sdk runs one call as a profile and says what came of it: "ok" or "denied"
// and the service's code.
type sdk struct {
	name string
	// command returns the argv for a call of ec2 or s3.
	command func(w *world, service string) []string
}

func sdks(t *testing.T) []sdk {
	goClient := sync.OnceValues(func() (string, error) { return buildGoClient(t.TempDir()) })
	return []sdk{
		{"AWS CLI", func(w *world, service string) []string {
			call := map[string][]string{"ec2": {"ec2", "describe-instances"}, "s3": {"s3api", "list-buckets"}}[service]
			return append([]string{w.python(), "-m", "awscli"}, call...)
		}},
		{"boto3", func(w *world, service string) []string {
			return []string{w.python(), client(w.t, "py/client.py"), service}
		}},
		{"Go SDK", func(w *world, service string) []string {
			path, err := goClient()
			if err != nil {
				w.t.Fatal(err)
			}
			return []string{path, service}
		}},
		{"JavaScript SDK", func(w *world, service string) []string {
			node, err := exec.LookPath("node")
			if err != nil {
				skip(w.t, "no node; scripts/setup.sh gets it")
			}
			if _, err := os.Stat(filepath.Join("clients", "js", "node_modules", "@aws-sdk")); err != nil {
				skip(w.t, "npm ci has not run in e2e/clients/js; scripts/setup.sh runs it")
			}
			return []string{node, client(w.t, "js/client.js"), service}
		}},
	}
}

// buildGoClient builds clients/go, a module of its own, into dir.
func buildGoClient(dir string) (string, error) {
	out := filepath.Join(dir, "client")
	cmd := exec.Command("go", "build", "-o", out, ".")
	cmd.Dir = filepath.Join("clients", "go")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the Go client: %w\n%s", err, said)
	}
	return out, nil
}

// may asserts what a call as the profile comes to.
func (s sdk) may(w *world, profile, service string, allowed bool) {
	w.t.Helper()
	o := w.runWith(func(cmd *exec.Cmd) {
		cmd.Env = append(cmd.Env, "AWS_PROFILE="+profile, "AWS_EC2_METADATA_DISABLED=true")
	}, s.command(w, service)...)
	denied := strings.Contains(o.Stdout+o.Stderr, "AccessDenied") || strings.Contains(o.Stdout+o.Stderr, "UnauthorizedOperation")
	switch {
	case allowed && (o.Status != 0 || denied):
		w.t.Errorf("%s may not use %s:\n%v", profile, service, o)
	case !allowed && !denied:
		w.t.Errorf("%s is not refused by %s:\n%v", profile, service, o)
	}
}

func TestTheRoleReplacesTheUserInEverySDK(t *testing.T) {
	story := needMoto(t)
	for _, s := range sdks(t) {
		t.Run(s.name, func(t *testing.T) {
			w := newWorld(t)
			seen := newWitness(t, story.URL)
			w.tell(story, seen.URL)

			s.may(w, "base", "ec2", true)
			s.may(w, "base", "s3", false)
			if n := seen.assumed(); n != 0 {
				t.Fatalf("alice alone assumed a role %d times", n)
			}
			s.may(w, "reader", "s3", true)
			s.may(w, "reader", "ec2", false)
			if n := seen.assumed(); n != 1 {
				t.Errorf("two programs under one role made %d AssumeRole, want 1", n)
			}
		})
	}
}

func TestARoleSheMayNotAssumeIsDeniedInTheWordsOfSTS(t *testing.T) {
	story := needMoto(t)
	w := newWorld(t)
	seen := newWitness(t, story.URL)
	w.tell(story, seen.URL)

	o := w.Helper("auditor")
	w.refused(o, 4, "auditor")
	// As moto, and STS, word it.
	if !strings.Contains(o.Stderr, "not authorized to perform: sts:AssumeRole") {
		t.Errorf("the words of STS are missing: %s", o.Stderr)
	}
	if !strings.Contains(o.Stderr, story.Auditor) {
		t.Errorf("the role is not named: %s", o.Stderr)
	}
	w.refused(w.Helper("auditor"), 4, "auditor")
	if n := seen.assumed(); n != 1 {
		t.Errorf("a refusal asked for twice made %d calls, want 1", n)
	}
	w.served(w.Helper("reader"))
}
