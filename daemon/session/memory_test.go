package session

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"understudy/cache"
	"understudy/internal/credential"
)

// BenchmarkMemory measures what a session of 1.5 KB costs in memory, its record
// included; the token itself is 1,400 bytes of it.
func BenchmarkMemory(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				before := heap()
				broker := filled(b, n)
				b.ReportMetric(float64(heap()-before)/float64(n), "B/session")
				broker.Close()
			}
		})
	}
}

// filled is a broker that holds n sessions.
func filled(b *testing.B, n int) *Broker {
	sessions, err := cache.Open(cache.Config{})
	if err != nil {
		b.Fatal(err)
	}
	token := strings.Repeat("x", 1400)
	broker := New(Config{Cache: sessions, Resolve: func(_ context.Context, q credential.Query) (*credential.Plan, error) {
		return &credential.Plan{ID: fmt.Sprintf("%064s", q.Profile), Profile: q.Profile, RoleARN: "arn:aws:iam::123456789012:role/" + q.Profile,
			Fetch: func(context.Context, credential.Session) (credential.Session, error) {
				ses := situation{left: 3600e9}.entry().session
				ses.Issued = credential.Now()
				ses.Expiration = ses.Issued.Wall.Add(ses.Lifetime)
				ses.SecretAccessKey, ses.SessionToken = credential.NewSecret("made-up"), credential.NewSecret(strings.Clone(token))
				return ses, nil
			}}, nil
	}})
	for i := range n {
		if _, err := broker.Get(context.Background(), credential.Query{Profile: fmt.Sprintf("profile-%d", i)}, Want{}); err != nil {
			b.Fatal(err)
		}
	}
	return broker
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
