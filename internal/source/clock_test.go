package source

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/sandbox"
)

func TestAnSTSIsAskedOnceForTheTimeAndSentNothing(t *testing.T) {
	sts := sandbox.New()
	sts.Set(sandbox.Behaviour{Skew: 90 * time.Second})
	var asked atomic.Int32
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("Authorization") != "" || r.ContentLength > 0 || r.URL.RawQuery != "" {
			t.Errorf("it was sent %s %v", r.URL, r.Header)
		}
		sts.ServeHTTP(w, r)
	}))
	s := newStage(t, url, adminRole+strings.Replace(adminRole, "profile admin", "profile again", 1)+"[profile broken]\nunderstudy_role_arn = x\n", aliceKeys)
	var queries []credential.Query
	for _, name := range []string{"admin", "again", "broken", "nowhere"} {
		q := s.query
		q.Profile = name
		queries = append(queries, q)
	}
	got := s.Reach(t.Context(), queries)
	if len(got) != 1 || got[0].Err != nil || got[0].Skew < 88*time.Second || got[0].Skew > 92*time.Second || asked.Load() != 1 {
		t.Errorf("asked %d times, found %+v", asked.Load(), got)
	}
}

func TestAMissingSTSIsReportedWithTheCauseOnly(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	s := newStage(t, gone.URL, adminRole, aliceKeys)
	q := s.query
	q.Profile = "admin"
	got := s.Reach(t.Context(), []credential.Query{q})
	if len(got) != 1 || got[0].Err == nil || !strings.HasSuffix(got[0].Err.Error(), "refused the connection") {
		t.Errorf("found %+v", got)
	}
}
