package adopt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

const corpus = "../awsconfig/testdata/corpus"

// corpusFiles are the cases of the corpus, as they stand and with a role in
// every profile that has none.
func corpusFiles(t testing.TB) map[string]Files {
	t.Helper()
	all := map[string]Files{}
	cases, err := filepath.Glob(corpus + "/*.json")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, c := range cases {
		base := strings.TrimSuffix(c, ".json")
		f := Files{Files: paths}
		f.ConfigText, f.CredentialsText = read(base+".config"), read(base+".credentials")
		name := filepath.Base(base)
		all[name] = f
		all[name+" with roles"] = withRoles(f)
	}
	return all
}

func read(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}

// withRoles puts a role below the header of every profile, indented as the
// section is, and a base into the credentials file.
func withRoles(f Files) Files {
	drafts := begin(f)
	for _, name := range f.Parse().Names() {
		s := subjectOf(drafts, name)
		if len(s.parts) == 0 || s.has("aws_access_key_id") || s.has("aws_secret_access_key") {
			continue
		}
		p := s.parts[0]
		drafts[p.file].Insert(p.Line, p.Indent+"role_arn = arn:aws:iam::123456789012:role/Admin", p.Indent+"source_profile = alice")
	}
	f.ConfigText, f.CredentialsText = drafts[0].Text(), drafts[1].Text()
	if f.CredentialsText != "" && !strings.HasSuffix(f.CredentialsText, "\n") {
		f.CredentialsText += "\n"
	}
	f.CredentialsText += "[alice]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = made-up\n"
	return f
}

// literal makes plans of whatever a profile says, sense or not: their identity is
// the text itself.
func literal(_ context.Context, c *awsconfig.Config, profile string) (*credential.Plan, error) {
	p, ok := c.Profile(profile)
	if !ok {
		return nil, c.Explain(profile)
	}
	if _, ok := p.Get("role_arn"); !ok {
		return nil, errors.New("no role")
	}
	var id strings.Builder
	for k := range strings.FieldsSeq(`role_arn source_profile credential_source external_id mfa_serial role_session_name
		duration_seconds web_identity_token_file sso_session sso_account_id sso_role_name sso_start_url sso_region region services`) {
		v, ok := p.Get(k)
		fmt.Fprintf(&id, "%s=%q %v\n", k, v.Text, ok)
	}
	return &credential.Plan{ID: id.String()}, nil
}

func TestTheCorpusIsMovedInAndOut(t *testing.T) {
	moved := 0
	for name, f := range corpusFiles(t) {
		t.Run(name, func(t *testing.T) {
			moved += roundTrip(t, &Mover{Resolve: literal, Helper: helper}, f)
			roundTrip(t, mover(), f)
		})
	}
	if moved < 60 {
		t.Errorf("only %d profiles of the corpus were moved", moved)
	}
}

// FuzzIdentity holds that for any two files adopt leaves every other byte alone
// and release takes all of it back.
func FuzzIdentity(f *testing.F) {
	for _, c := range corpusFiles(f) {
		f.Add(c.ConfigText, c.CredentialsText)
	}
	f.Fuzz(func(t *testing.T, config, credentials string) {
		f := Files{Files: paths, ConfigText: config, CredentialsText: credentials}
		roundTrip(t, mover(), f)
		roundTrip(t, &Mover{Resolve: literal, Helper: helper}, f)
	})
}
