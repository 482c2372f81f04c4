package source

import (
	"path"
	"strings"
	"testing"
	"time"

	"understudy/internal/wire"
)

func TestARoleIsAssumedWithTheKeysOfItsSource(t *testing.T) {
	s, sts := withSTS(t, adminRole)
	p := s.plan(t, "admin")
	if p.RoleARN != "arn:aws:iam::123456789012:role/Admin" || p.AccountID != "123456789012" ||
		p.Profile != "admin" || p.Source != "role via keys of base" || p.Base != nil {
		t.Errorf("plan = %+v", p)
	}
	got := s.session(t, "admin")
	if got.AccountID != "123456789012" {
		t.Errorf("account = %q", got.AccountID)
	}
	if d := got.Lifetime - time.Hour; d < -2*time.Second || d > 2*time.Second {
		t.Errorf("lifetime = %v, want the hour that was asked for", got.Lifetime)
	}
	calls := sts.Calls()
	if len(calls) != 1 || calls[0].Key != "AKIAIOSFODNN7EXAMPLE" || calls[0].Params["RoleSessionName"] != "alice@example" {
		t.Errorf("calls = %+v", calls)
	}
}

func TestEveryParameterArrivesAtSTS(t *testing.T) {
	s, sts := withSTS(t, `
[profile full]
understudy_role_arn = arn:aws:iam::123456789012:role/team/Admin
understudy_source_profile = base
understudy_external_id = a:1/b
understudy_role_session_name = alice.at.work
understudy_duration_seconds = 7200
understudy_source_identity = alice
understudy_session_tags = team = blue, cost=a=b
understudy_transitive_session_tags = team
understudy_policy = {"Version":"2012-10-17","Statement":[]}
understudy_policy_arns = arn:aws:iam::aws:policy/ReadOnlyAccess, arn:aws:iam::123456789012:policy/p
`)
	s.session(t, "full")
	want := map[string]string{
		"Action":                     "AssumeRole",
		"Version":                    "2011-06-15",
		"RoleArn":                    "arn:aws:iam::123456789012:role/team/Admin",
		"RoleSessionName":            "alice.at.work",
		"ExternalId":                 "a:1/b",
		"DurationSeconds":            "7200",
		"SourceIdentity":             "alice",
		"Tags.member.1.Key":          "team",
		"Tags.member.1.Value":        "blue",
		"Tags.member.2.Key":          "cost",
		"Tags.member.2.Value":        "a=b",
		"TransitiveTagKeys.member.1": "team",
		"Policy":                     `{"Version":"2012-10-17","Statement":[]}`,
		"PolicyArns.member.1.arn":    "arn:aws:iam::aws:policy/ReadOnlyAccess",
		"PolicyArns.member.2.arn":    "arn:aws:iam::123456789012:policy/p",
	}
	got := sts.Calls()[0].Params
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s = %q, want %q", k, got[k], v)
		}
	}
	for k := range got {
		if _, known := want[k]; !known {
			t.Errorf("%s = %q was sent, which nobody asked for", k, got[k])
		}
	}
}

const threeDeep = `
[profile top]
role_arn = arn:aws:iam::333333333333:role/Top
source_profile = middle
duration_seconds = 7200
[profile middle]
role_arn = arn:aws:iam::222222222222:role/Middle
source_profile = bottom
[profile bottom]
role_arn = arn:aws:iam::123456789012:role/Bottom
source_profile = base
region = eu-central-1
`

func TestAChainOfThreeRolesIsAssumedFromTheBottomUp(t *testing.T) {
	s, sts := withSTS(t, threeDeep)
	p := s.plan(t, "top")
	if p.Source != "role via role of middle" || p.Base.Profile != "middle" || p.Base.Base.Source != "role via keys of base" || p.Base.Base.Base != nil {
		t.Errorf("the chain is %q, %q, %q", p.Source, p.Base.Source, p.Base.Base.Source)
	}
	if got := s.session(t, "top"); got.AccountID != "333333333333" {
		t.Errorf("account = %q", got.AccountID)
	}
	var order []string
	for _, c := range sts.Calls() {
		order = append(order, path.Base(c.Params["RoleArn"])+" "+c.Params["DurationSeconds"])
	}
	if got := strings.Join(order, ", "); got != "Bottom 3600, Middle 3600, Top 3600" {
		t.Errorf("asked for %s; a chained session may ask for an hour at most", got)
	}
}

func TestTwoProfilesThatAskForTheSameShareOneSession(t *testing.T) {
	s, _ := withSTS(t, adminRole+strings.ReplaceAll(adminRole, "[profile admin]", "[profile boss]"))
	if a, b := s.plan(t, "admin"), s.plan(t, "boss"); a.ID != b.ID {
		t.Errorf("the IDs differ: %s, %s", a.ID, b.ID)
	}
}

func TestTheBaseOfAChainIsTheSamePlanAsTheProfileAlone(t *testing.T) {
	s, _ := withSTS(t, threeDeep)
	if a, b := s.plan(t, "top").Base, s.plan(t, "middle"); a.ID != b.ID {
		t.Errorf("the IDs differ: %s, %s", a.ID, b.ID)
	}
}

func TestALoopOfProfilesIsPrinted(t *testing.T) {
	s, _ := withSTS(t, `
[profile a]
role_arn = arn:aws:iam::123456789012:role/A
source_profile = b
[profile b]
role_arn = arn:aws:iam::123456789012:role/B
source_profile = a
[profile self]
role_arn = arn:aws:iam::123456789012:role/C
source_profile = self
[profile into]
role_arn = arn:aws:iam::123456789012:role/D
source_profile = a
`)
	for profile, loop := range map[string]string{"a": ": a -> b -> a", "self": ": self -> self", "into": ": a -> b -> a"} {
		f := s.refusal(t, profile)
		if f.Code != wire.BadConfig || !strings.HasSuffix(f.Reason, loop) || !strings.Contains(f.Reason, s.query.ConfigFile+":") {
			t.Errorf("%s: %s %q", profile, f.Code, f.Reason)
		}
	}
}

func TestARoleMayNameItselfAsSourceToUseItsOwnKeys(t *testing.T) {
	s, sts := withSTS(t, `
[profile base]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
`)
	if p := s.plan(t, "base"); p.Base != nil || p.Source != "role via keys of base" {
		t.Errorf("plan = %+v", p)
	}
	s.session(t, "base")
	if n := sts.Count("AssumeRole"); n != 1 {
		t.Errorf("%d calls", n)
	}
}

func TestTemporaryKeysSignForARoleButOnlyForAnHour(t *testing.T) {
	s, sts := withSTS(t, adminRole+"understudy_duration_seconds = 43200\n")
	first := s.session(t, "base")
	write(t, s.query.CredentialsFile, "[base]\naws_access_key_id = "+first.AccessKeyID+
		"\naws_secret_access_key = "+first.SecretAccessKey.Reveal()+"\naws_session_token = "+first.SessionToken.Reveal()+"\n")
	s.session(t, "admin")
	calls := sts.Calls()
	if got := calls[len(calls)-1].Params["DurationSeconds"]; got != "3600" {
		t.Errorf("asked for %s s", got)
	}
	if f := s.refusal(t, "base"); f.Code != wire.BadConfig {
		t.Errorf("a session of temporary keys: %s %q", f.Code, f.Reason)
	}
}

func TestKeysAloneGiveASessionOfTwelveHours(t *testing.T) {
	s, sts := withSTS(t, "")
	p := s.plan(t, "base")
	if p.RoleARN != "" || p.AccountID != "" || p.Source != "session of keys of base" {
		t.Errorf("plan = %+v", p)
	}
	s.session(t, "base")
	if c := sts.Calls()[0]; c.Op != "GetSessionToken" || c.Params["DurationSeconds"] != "43200" {
		t.Errorf("call = %+v", c)
	}
}
