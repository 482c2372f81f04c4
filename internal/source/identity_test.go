package source

import (
	"path/filepath"
	"strings"
	"testing"

	"understudy/internal/aws"
)

// endpointOf returns the STS of a profile.
func endpointOf(t *testing.T, s *stage, name string) aws.Endpoint {
	t.Helper()
	cfg, err := s.Read(t.Context(), filesOf(s))
	if err != nil {
		t.Fatal(err)
	}
	section, ok := cfg.Profile(name)
	if !ok {
		t.Fatalf("no profile %q", name)
	}
	s.once.Do(s.init)
	b := &builder{r: s.Resolver, cfg: cfg}
	p := profile{Profile: section, name: name}
	to, err := b.endpoint(p, b.regionOf(p), "aws")
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func TestEveryParameterAloneChangesTheID(t *testing.T) {
	dir := t.TempDir()
	policy := filepath.Join(dir, "policy.json")
	write(t, policy, `{"Statement":["from the file"]}`)
	const role = `
[profile x]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
`
	plain := idOf(t, role, aliceKeys, nil)
	seen := map[string]string{plain: "the plain role"}
	for _, line := range []string{
		"external_id = one", "external_id = two",
		"role_session_name = bob", "duration_seconds = 7200", "source_identity = bob",
		`policy = {"Statement":[]}`, "policy = " + policy,
		"policy_arns = arn:aws:iam::aws:policy/A", "policy_arns = arn:aws:iam::aws:policy/A,arn:aws:iam::aws:policy/B",
		"session_tags = a=b", "session_tags = a=c", "session_tags = a=b,c=d", "session_tags = a=,b=",
		"transitive_session_tags = a", "transitive_session_tags = a,b",
		"region = eu-west-1", "use_fips_endpoint = true", "use_dualstack_endpoint = true", "sts_regional_endpoints = legacy",
		"endpoint_url = https://sts.example.com", "endpoint_url = https://sts.example.com/path",
	} {
		id := idOf(t, role+line+"\n", aliceKeys, nil)
		if other, ok := seen[id]; ok {
			t.Errorf("%q has the ID of %s", line, other)
		}
		seen[id] = line
	}
	for what, id := range map[string]string{
		"another role":         idOf(t, strings.ReplaceAll(role, "Admin", "Reader"), aliceKeys, nil),
		"another key":          idOf(t, role, strings.ReplaceAll(aliceKeys, "AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"), nil),
		"another base":         idOf(t, strings.Replace(role, "= base", "= y", 1)+strings.ReplaceAll(strings.ReplaceAll(role, "profile x", "profile y"), "Admin", "Hop"), aliceKeys, nil),
		"a base of the base":   idOf(t, strings.Replace(role, "= base", "= y", 1)+strings.ReplaceAll(role, "profile x", "profile y"), aliceKeys, nil),
		"the daemon's setting": idOf(t, role, aliceKeys, func(r *Resolver) { r.EndpointURL = "https://sts.example.org" }),
		"the default name":     idOf(t, role, aliceKeys, func(r *Resolver) { r.SessionName = "carol@example" }),
	} {
		if other, ok := seen[id]; ok {
			t.Errorf("%s has the ID of %s", what, other)
		}
		seen[id] = what
	}
}

func TestTheIDIsTheSameForWhatMeansTheSame(t *testing.T) {
	const role = "[profile x]\nrole_arn = arn:aws:iam::123456789012:role/Admin\nsource_profile = base\n"
	const full = role + "session_tags = a=b,c=d\npolicy_arns = arn:aws:iam::aws:policy/A,arn:aws:iam::aws:policy/B\ntransitive_session_tags = a,c\n"
	for what, pair := range map[string][2]string{
		"the prefix":               {role, strings.ReplaceAll(role, "role_arn", "understudy_role_arn")},
		"the order of lists":       {full, role + "transitive_session_tags = c,a\nsession_tags = c=d, a=b\npolicy_arns = arn:aws:iam::aws:policy/B,arn:aws:iam::aws:policy/A\n"},
		"the default written out":  {role, role + "duration_seconds = 3600\nrole_session_name = alice@example\nregion = us-east-1\nuse_fips_endpoint = false\n"},
		"what has no effect on it": {role, role + "output = json\ncredential_process = /usr/bin/understudy-credentials x\n"},
	} {
		if a, b := idOf(t, pair[0], aliceKeys, nil), idOf(t, pair[1], aliceKeys, nil); a != b {
			t.Errorf("%s changes the ID", what)
		}
	}
}

func TestAChangedPolicyFileGivesAnotherPlan(t *testing.T) {
	policy := filepath.Join(t.TempDir(), "policy.json")
	write(t, policy, `{"Statement":[1]}`)
	s, sts := withSTS(t, adminRole+"policy = "+policy+"\n")
	first := s.plan(t, "admin")
	if s.plan(t, "admin") != first {
		t.Error("an unchanged file gave another plan")
	}
	write(t, policy, `{"Statement":[1,2]}`)
	if s.plan(t, "admin").ID == first.ID {
		t.Error("the old policy would be asked for")
	}
	s.session(t, "admin")
	if got := sts.Calls()[0].Params["Policy"]; got != `{"Statement":[1,2]}` {
		t.Errorf("sent %s", got)
	}
}

func TestARotatedKeyGivesAnotherPlan(t *testing.T) {
	s, sts := withSTS(t, adminRole)
	first := s.plan(t, "admin")
	bob := sandboxUser("bob", "AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY")
	sts.AddUser(bob)
	write(t, s.query.CredentialsFile, "[base]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY\n")
	if s.plan(t, "admin").ID == first.ID {
		t.Error("the ID stayed")
	}
	s.session(t, "admin")
	if got := sts.Calls()[0].Key; got != "AKIAI44QH8DHBEXAMPLE" {
		t.Errorf("signed with %s", got)
	}
}

func idOf(t *testing.T, config, credentials string, with func(*Resolver)) string {
	t.Helper()
	s := newStage(t, "", config, credentials)
	if with != nil {
		with(s.Resolver)
	}
	return s.plan(t, "x").ID
}
