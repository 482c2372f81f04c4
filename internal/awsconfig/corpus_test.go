package awsconfig

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"understudy/internal/credential"
)

var update = flag.Bool("update", false, "write what was read into the corpus and docs/config-reading.md; look at the difference")

// corpusCase is a pair of files in testdata/corpus and what is read in them.
// A reader that agrees with understudy is left out.
type corpusCase struct {
	About      string   `json:"about"`
	Choice     string   `json:"choice,omitempty"` // why understudy reads it so, where the others differ
	Understudy reading  `json:"understudy"`
	Botocore   *reading `json:"botocore,omitempty"`
	Go         *reading `json:"go,omitempty"`
	Problems   []string `json:"problems,omitempty"`

	name  string
	files Files
}

// reading is what one reader finds: the non-empty values of some keys by
// profile, and the nested keys of [services] sections.
type reading struct {
	Refuses  bool                                    `json:"refuses,omitempty"` // the whole of the files
	Profiles map[string]map[string]string            `json:"profiles,omitempty"`
	Services map[string]map[string]map[string]string `json:"services,omitempty"`
}

const corpus = "testdata/corpus"

func loadCorpus(t *testing.T) []*corpusCase {
	t.Helper()
	paths, err := filepath.Glob(corpus + "/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	var cases []*corpusCase
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		c := &corpusCase{name: strings.TrimSuffix(filepath.Base(p), ".json")}
		if err := json.Unmarshal(b, c); err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		base, err := filepath.Abs(strings.TrimSuffix(p, ".json"))
		if err != nil {
			t.Fatal(err)
		}
		c.files = Files{Config: base + ".config", Credentials: base + ".credentials"}
		cases = append(cases, c)
	}
	return cases
}

var probed = []string{
	"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "credential_process", "endpoint_url",
	"external_id", "mfa_serial", "region", "role_session_name", "services",
}

// readCase is understudy's own reading.
func readCase(t *testing.T, c *corpusCase) (reading, []string) {
	t.Helper()
	var r Reader
	cfg, err := r.Read(t.Context(), c.files)
	if err != nil {
		t.Fatal(err)
	}
	found := reading{Profiles: map[string]map[string]string{}, Services: map[string]map[string]map[string]string{}}
	for _, name := range cfg.Names() {
		found.Profiles[name] = readProfile(t, cfg, name)
		local := found.Profiles[name]["services"]
		if s, ok := cfg.Services(local); ok {
			found.Services[local] = map[string]map[string]string{}
			for service, e := range s.entries {
				found.Services[local][service] = map[string]string{}
				for k := range e.nested {
					v, _ := s.Nested(service, k)
					found.Services[local][service][k] = v.Text
				}
			}
		}
	}
	var problems []string
	for _, p := range cfg.Problems() {
		problems = append(problems, strings.TrimPrefix(p.At(), filepath.Dir(p.File)+"/"+c.name+".")+": "+p.Text)
	}
	return found, problems
}

func readProfile(t *testing.T, c *Config, name string) map[string]string {
	t.Helper()
	p := profile(t, c, name)
	m := map[string]string{}
	for _, k := range probed {
		if v, ok := p.Get(k); ok && v.Text != "" {
			m[k] = v.Text
		}
	}
	delete(m, "aws_access_key_id")
	keys, ok, err := p.Keys()
	if _, bad := errors.AsType[*credential.Failure](err); bad {
		return map[string]string{"refused": "yes"}
	}
	if ok {
		m["aws_access_key_id"], m["aws_secret_access_key"] = keys.AccessKeyID, keys.SecretAccessKey.Reveal()
		if !keys.SessionToken.Empty() {
			m["aws_session_token"] = keys.SessionToken.Reveal()
		}
	}
	return m
}

func TestTheCorpusIsReadAsItSays(t *testing.T) {
	for _, c := range loadCorpus(t) {
		t.Run(c.name, func(t *testing.T) {
			got, problems := readCase(t, c)
			if *update {
				c.Understudy, c.Problems = got, problems
				c.save(t)
			}
			if !same(got, c.Understudy) {
				t.Errorf("%s: read\n%s\nbut the corpus says\n%s", c.About, show(got), show(c.Understudy))
			}
			if !slices.Equal(problems, c.Problems) {
				t.Errorf("%s: reported\n%q\nbut the corpus says\n%q", c.About, problems, c.Problems)
			}
		})
	}
}

func TestTheCorpusSaysWhatBotocoreAndTheGoSDKRead(t *testing.T) {
	cases := loadCorpus(t)
	boto := runReader[reading](t, "botocore", cases, python(t), "../../e2e/corpus/botocore/read.py")
	gosdk := runReader[reading](t, "the Go SDK", cases, "go", "-C", "../../e2e/corpus/gosdk", "run", ".")
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b, g := boto[c.name], gosdk[c.name]
			if *update {
				c.Botocore, c.Go = unlessSame(b, c.Understudy), unlessSame(g, c.Understudy)
				c.save(t)
			}
			for who, r := range map[string][2]*reading{"botocore": {&b, c.Botocore}, "Go": {&g, c.Go}} {
				want := r[1]
				if want == nil {
					want = &c.Understudy
				}
				if !same(*r[0], *want) {
					t.Errorf("%s: %s reads\n%s\nbut the corpus says\n%s", c.About, who, show(*r[0]), show(*want))
				}
			}
			if differs := c.Botocore != nil || c.Go != nil; differs != (c.Choice != "") {
				t.Errorf("a choice stands where the readers differ, and nowhere else: %q", c.Choice)
			}
		})
	}
}

// runReader runs another reader over the corpus; it ends the test with one
// line where that reader is not to be had.
func runReader[R any](t *testing.T, who string, cases []*corpusCase, command string, args ...string) map[string]R {
	t.Helper()
	type request struct {
		Name, Config, Credentials string
		Profiles                  []string
	}
	var requests []request
	for _, c := range cases {
		names := map[string]bool{}
		for _, r := range []*reading{&c.Understudy, c.Botocore, c.Go, guesses()} {
			if r != nil {
				maps.Copy(names, keysOf(r.Profiles))
			}
		}
		requests = append(requests, request{c.name, c.files.Config, c.files.Credentials, slices.Sorted(maps.Keys(names))})
	}
	in, err := json.Marshal(requests)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), command, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "PYTHONDONTWRITEBYTECODE=1"}
	for _, k := range []string{"GOPATH", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS", "GOTOOLCHAIN"} {
		if v := os.Getenv(k); v != "" {
			cmd.Env = append(cmd.Env, k+"="+v)
		}
	}
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &errs
	if err := cmd.Run(); err != nil {
		cannot(t, "%s over the corpus: %v: %s", who, err, strings.TrimSpace(errs.String()))
	}
	var found map[string]R
	if err := json.Unmarshal(out.Bytes(), &found); err != nil {
		t.Fatalf("%s printed no JSON: %v: %s", who, err, errs.String())
	}
	return found
}

// guesses are names that some reader might make of the headers in the corpus.
func guesses() *reading {
	r := &reading{Profiles: map[string]map[string]string{}}
	for _, n := range []string{"default", "Default", "DEFAULT", "x", "y", "z", "a", "b", "c", "my x", `"my x"`, "'y'", `"x"`, "profile x", "Profile x", "profiles y", "b#1", "ab", `a\b`, "a]b", "b junk", ""} {
		r.Profiles[n] = nil
	}
	return r
}

func keysOf(m map[string]map[string]string) map[string]bool {
	s := map[string]bool{}
	for k := range m {
		s[k] = true
	}
	return s
}

func python(t *testing.T) string {
	t.Helper()
	for _, p := range []string{"python3", "../../.venv/bin/python3"} {
		if exec.CommandContext(t.Context(), p, "-c", "import botocore").Run() == nil {
			return p
		}
	}
	cannot(t, "no python3 that imports botocore")
	return ""
}

func cannot(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

func unlessSame(r, own reading) *reading {
	if same(r, own) {
		return nil
	}
	return &r
}

// same compares what is found, not how a map is empty.
func same(a, b reading) bool {
	if len(a.Profiles) == 0 && len(b.Profiles) == 0 {
		a.Profiles, b.Profiles = nil, nil
	}
	if len(a.Services) == 0 && len(b.Services) == 0 {
		a.Services, b.Services = nil, nil
	}
	return reflect.DeepEqual(a, b)
}

func show(r reading) string {
	b, _ := json.MarshalIndent(r, "", "  ")
	return string(b)
}

func (c *corpusCase) save(t *testing.T) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(c); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(corpus, c.name+".json"), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
