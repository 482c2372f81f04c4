package source

import (
	"strings"
	"testing"

	"understudy/internal/wire"
)

func TestAMistypedKeyOfOursIsRejected(t *testing.T) {
	for line, hint := range map[string]string{
		"understudy_policy_arn = arn:aws:iam::aws:policy/ReadOnlyAccess": "did you mean understudy_policy_arns?",
		"understudy_externalid = x1":                                     "did you mean understudy_external_id?",
		"understudy_quite_something = 1":                                 "docs/configuration.md lists the keys",
		"understudy_raw = yes":                                           "take the line out",
	} {
		s, _ := withSTS(t, adminRole+line+"\n")
		f := s.refusal(t, "admin")
		key, _, _ := strings.Cut(line, " ")
		if f.Code != wire.BadConfig || f.Hint != hint {
			t.Errorf("%s: %s, hint %q, want %q", line, f.Code, f.Hint, hint)
		}
		mustContain(t, f.Reason, "config:", key)
	}
}

func TestAMistypedKeyOfABaseIsRejectedToo(t *testing.T) {
	s, _ := withSTS(t, adminRole+"[profile base]\nunderstudy_regoin = eu-west-1\n")
	if f := s.refusal(t, "admin"); f.Hint != "did you mean understudy_region?" {
		t.Errorf("%q, hint %q", f.Reason, f.Hint)
	}
}

func TestWhatAdoptRemembersIsOurs(t *testing.T) {
	twin := strings.Replace(adminRole, "[profile admin]", "[profile twin]", 1)
	s, _ := withSTS(t, adminRole+twin+"understudy_was_role_arn = x\nunderstudy_adopted = understudy_role_arn\n")
	if s.plan(t, "admin").ID != s.plan(t, "twin").ID {
		t.Error("it changes what the profile asks for")
	}
}
