//go:build linux

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"understudy/internal/awsconfig"
	"understudy/internal/sandbox"
)

// aCase is a pair of files of the corpus with a role in every profile, and what
// clients are asked of it.
type aCase struct {
	Name, Config, Credentials string
	Profiles                  []string
	Fetch                     bool
}

// made is what a client makes of a profile.
type made struct{ Region, Key string }

var (
	simpleRegion = regexp.MustCompile(`(?im)^(\s*(?:understudy_)?region\s*[=:]\s*)[a-z]\b`)
	otherValues  = regexp.MustCompile(`(?im)^(\s*(?:understudy_)?)(mfa_serial|external_id|role_session_name|endpoint_url|services)\b`)
)

// corpusWithRoles writes every case of the corpus into a folder of its own. The
// corpus is about lines, not about what they say: its values become such as a
// role may have, its other keys such as nobody acts on.
func (s *sky) corpusWithRoles() (cases []aCase) {
	s.t.Helper()
	const corpus = "../internal/awsconfig/testdata/corpus"
	paths, err := filepath.Glob(corpus + "/*.json")
	if err != nil || len(paths) == 0 {
		s.t.Fatalf("no corpus: %v", err)
	}
	alice := sandbox.Example()
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		c := aCase{
			Name: name, Config: filepath.Join(s.Home, "cases", name, "config"), Credentials: filepath.Join(s.Home, "cases", name, "credentials"),
		}
		texts := [2]string{}
		for i, end := range []string{".config", ".credentials"} {
			text, _ := os.ReadFile(filepath.Join(corpus, name+end)) // most have one of the two
			plain := otherValues.ReplaceAllString(string(text), "${1}x_${2}")
			texts[i] = strings.ReplaceAll(simpleRegion.ReplaceAllString(plain, "${1}eu-west-1"), "understudy_x_", "x_")
		}
		files := awsconfig.Files{Config: c.Config, Credentials: c.Credentials}
		c.Profiles = awsconfig.Parse(files, texts[0], texts[1]).Names()
		drafts := [2]*awsconfig.Draft{awsconfig.DraftConfig(c.Config, texts[0]), awsconfig.DraftCredentials(c.Credentials, texts[1])}
		for i, profile := range c.Profiles {
			giveRole(drafts, profile, fmt.Sprintf("arn:aws:iam::123456789012:role/%s-%d", name, i))
		}
		s.Write(filepath.Join("cases", name, "config"), drafts[0].Text())
		s.Write(filepath.Join("cases", name, "credentials"), fmt.Sprintf("[alice]\naws_access_key_id = %s\naws_secret_access_key = %s\n%s",
			alice.AccessKeyID, alice.Secret.Reveal(), strings.TrimPrefix(drafts[1].Text(), "\ufeff")))
		cases = append(cases, c)
	}
	return cases
}

// giveRole puts a role below the first header of a profile, indented as its
// section is. A profile with keys stays as it is.
func giveRole(drafts [2]*awsconfig.Draft, profile, arn string) {
	for _, d := range drafts {
		parts := d.Parts(profile)
		if len(parts) == 0 {
			continue
		}
		if !slices.ContainsFunc(parts[0].Pairs, func(p awsconfig.Pair) bool { return strings.HasPrefix(strings.ToLower(p.Key), "aws_") }) {
			d.Insert(parts[0].Line, parts[0].Indent+"role_arn = "+arn, parts[0].Indent+"source_profile = alice")
		}
		return
	}
}

// makes asks a client what it makes of cases.
func (s *sky) makes(cases []aCase, argv ...string) map[string]map[string]made {
	s.t.Helper()
	for i := range cases {
		cases[i].Profiles = append([]string{}, cases[i].Profiles...) // none is a list too
	}
	in, err := json.Marshal(cases)
	if err != nil {
		s.t.Fatal(err)
	}
	o := s.runWith(func(cmd *exec.Cmd) {
		cmd.Stdin = bytes.NewReader(in)
		cmd.Env = append(cmd.Env, "AWS_EC2_METADATA_DISABLED=true")
	}, argv...)
	var all map[string]map[string]made
	if err := json.Unmarshal([]byte(o.Stdout), &all); o.Status != 0 || err != nil {
		s.t.Fatalf("%v: %v", err, o)
	}
	return all
}

// at is the environment of a program that is to use a case's files.
func (c aCase) at(cmd *exec.Cmd) {
	cmd.Env = append(cmd.Env, "AWS_CONFIG_FILE="+c.Config, "AWS_SHARED_CREDENTIALS_FILE="+c.Credentials)
}

// adopted moves all profiles of a case in and returns which were.
func (s *sky) adopted(c aCase) (names []string) {
	s.t.Helper()
	o := s.runWith(c.at, filepath.Join(bin, "understudy"), "adopt", "--all", "--yes")
	if o.Status != 0 {
		s.t.Fatal(o)
	}
	for line := range strings.Lines(o.Stdout) {
		if name, ok := strings.CutPrefix(line, "adopted "); ok {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}

func TestEveryClientLoadsAnAdoptedFileAsBeforeAndGetsTheRole(t *testing.T) {
	t.Parallel()
	s := newSky(newWorld(t))
	s.Vars["UNDERSTUDY_STS_ENDPOINT_URL"] = s.URL
	cases := s.corpusWithRoles()
	clients := map[string][]string{}
	for _, c := range sdks(t) {
		argv := c.command(s.world, "s3")
		switch c.name {
		case "AWS CLI":
			clients[c.name] = []string{s.python(), client(t, "py/loads.py"), "cli"}
		case "boto3":
			clients[c.name] = []string{s.python(), client(t, "py/loads.py"), "boto3"}
		case "Go SDK":
			clients[c.name] = []string{argv[0], "loads"}
		case "JavaScript SDK":
			clients[c.name] = []string{argv[0], client(t, "js/loads.js")}
		}
	}
	before := map[string]map[string]map[string]made{}
	for name, argv := range clients {
		before[name] = s.makes(cases, argv...)
	}

	was := map[string]string{}
	var files []string
	for _, c := range cases {
		was[c.Config], was[c.Credentials] = s.read(c.Config), s.read(c.Credentials)
		files = append(files, c.Config, c.Credentials)
	}
	asked, count := slices.Clone(cases), 0
	served := map[string]string{} // key by case and profile
	for _, c := range cases {
		c.Profiles, c.Fetch = s.adopted(c), true
		c.Name += " fetched"
		asked = append(asked, c)
		count += len(c.Profiles)
	}
	if o := s.Understudy(append([]string{"trust"}, files...)...); o.Status != 0 {
		t.Fatal(o)
	}
	for _, c := range asked[len(cases):] {
		for _, p := range c.Profiles {
			served[c.Name+p] = s.served(s.runWith(c.at, filepath.Join(bin, "understudy-credentials"), p)).AccessKeyID
		}
	}
	if roles := slices.Compact(slices.Sorted(maps.Values(served))); count < 50 || len(roles) != count {
		t.Fatalf("%d profiles were adopted, and %d roles served: the test sees too little", count, len(roles))
	}
	for name, argv := range clients {
		s.compare(name, asked, before[name], s.makes(asked, argv...), served)
	}

	for _, c := range cases {
		if o := s.runWith(c.at, filepath.Join(bin, "understudy"), "release", "--all", "--yes"); o.Status != 0 {
			t.Fatal(o)
		}
	}
	for path, text := range was {
		if now := s.read(path); now != text && !strings.Contains(text, "understudy-credentials") { // plugged in before

			t.Errorf("%s was\n%q\nand is, released,\n%q", path, text, now)
		}
	}
}

// compare holds what a client makes of the files now against what it made of
// them, and its keys against the helper's.
func (s *sky) compare(client string, asked []aCase, before, now map[string]map[string]made, served map[string]string) {
	s.t.Helper()
	fetched := 0
	for _, c := range asked {
		for _, p := range c.Profiles {
			if !c.Fetch {
				was, known := before[c.Name][p]
				if is, still := now[c.Name][p]; known && (!still || firstLine(is.Region) != firstLine(was.Region)) {
					s.t.Errorf("%s: %s of %s was %+v and is %+v (%v)", client, p, c.Name, was, is, still)
				}
				continue
			}
			got, known := now[c.Name][p]
			key := served[c.Name+p]
			if client == "AWS CLI" && len(got.Key) == 4 {
				key = key[len(key)-4:]
			}
			if known && got.Key != key {
				s.t.Errorf("%s: %s of %s: its key is %q, that of the role %q", client, p, c.Name, got.Key, key)
			}
			if known {
				fetched++
			}
		}
	}
	s.t.Logf("%s got the role of %d profiles", client, fetched)
	if fetched < 30 {
		s.t.Errorf("%s knows only %d of the adopted profiles", client, fetched)
	}
}

// firstLine is what of a value is the profile's own: botocore adds an indented
// section below it, whatever that holds.
func firstLine(value string) string {
	line, _, _ := strings.Cut(value, "\n")
	return line
}

func (s *sky) read(path string) string {
	s.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}
