package session

import (
	"context"
	"testing"

	"understudy/daemon/session/sessiontest"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// wantsEnvironment makes prod a profile that uses the caller's own credentials.
func wantsEnvironment(c *Config) {
	known := c.Resolve
	c.Resolve = func(ctx context.Context, q credential.Query) (*credential.Plan, error) {
		if q.Environment == nil {
			return nil, credential.ErrWantsEnvironment
		}
		return known(ctx, q)
	}
}

func TestACallersOwnCredentialsGoWithTheOtherSecrets(t *testing.T) {
	play(t, func(st *stage) {
		h := st.helper("prod", false)
		r := h.next()
		if r.Ask == nil || r.Ask.Kind != wire.AskEnvironment {
			t.Fatalf("%+v", r)
		}
		h.say(Answer{Environment: credential.Environment{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: credential.NewSecret("made-up")}})
		if r = h.next(); r.Body == nil {
			t.Fatalf("%+v", r.Err)
		}
		// Another, who needs none of them for the same session, asks last.
		p := st.Plans["prod"]
		if _, err := st.broker.session(t.Context(), p, sessiontest.Query("other"), Want{}); err != nil {
			t.Fatal(err)
		}
		st.broker.DropSecrets()
		for _, e := range st.broker.entries {
			if e.record.Query.Environment != nil {
				t.Error("the last query still has them")
			}
			for _, a := range e.requesters {
				if a.query.Environment != nil {
					t.Error("an asker still has them")
				}
			}
		}
		for _, r := range st.broker.cfg.Cache.Records() {
			if r.Query.Environment != nil {
				t.Error("the cache still has them")
			}
		}
	}, wantsEnvironment)
}
