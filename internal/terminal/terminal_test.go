package terminal

import (
	"testing"

	"understudy/internal/wire"
)

func TestWhatAPersonIsShownEndsWhereSheTypes(t *testing.T) {
	for name, c := range map[string]struct {
		ask  wire.Ask
		want string
	}{
		"code":   {wire.Ask{Kind: wire.AskCode, Text: "MFA code of alice"}, "understudy: MFA code of alice: "},
		"notice": {wire.Ask{Kind: wire.AskCode, Text: "MFA code of alice", Notice: "not accepted"}, "understudy: not accepted\nunderstudy: MFA code of alice: "},
		"visit": {wire.Ask{Kind: wire.AskVisit, Text: "sign in", URL: "https://example.com/", UserCode: "ABCD-EFGH"},
			"understudy: sign in\n  open https://example.com/\n  and compare the code: ABCD-EFGH\n"},
		"visit without a code": {wire.Ask{Kind: wire.AskVisit, Text: "sign in", URL: "https://example.com/"}, "understudy: sign in\n  open https://example.com/\n"},
	} {
		if got := lines(c.ask); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestTheCallersOwnCredentialsAreToldOnlyWhenAskedFor(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "made-up")
	t.Setenv("AWS_SESSION_TOKEN", "made-up-too")
	a, ok := Answer(wire.Ask{ID: "1", Kind: wire.AskEnvironment}, nil)
	if !ok || a.ID != "1" || a.AccessKeyID != "AKIAIOSFODNN7EXAMPLE" || a.SecretAccessKey != "made-up" || a.SessionToken != "made-up-too" {
		t.Errorf("%+v", a)
	}
	// What a newer daemon asks is passed on, and nothing is told.
	if a, ok := Answer(wire.Ask{ID: "2", Kind: "something else"}, nil); !ok || a != (wire.Answer{ID: "2", Pass: true}) {
		t.Errorf("%+v", a)
	}
}
