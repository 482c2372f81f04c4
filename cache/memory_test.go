package cache

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"understudy/internal/credential"
)

// BenchmarkMemory says what a session of 1.5 KB costs in memory, record
// included; the token itself is 1,400 bytes of it.
func BenchmarkMemory(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				before := heap()
				c, err := Open(Config{})
				if err != nil {
					b.Fatal(err)
				}
				for i := range n {
					id := fmt.Sprintf("%064d", i)
					s := session(id)
					s.SessionToken = credential.NewSecret(strings.Repeat("x", 1400))
					c.Put(id, s)
					c.Update(Record{ID: id, Profiles: []string{id[40:]}, RoleARN: "arn:aws:iam::123456789012:role/" + id[40:]})
				}
				b.ReportMetric(float64(heap()-before)/float64(n), "B/session")
				if err := c.Close(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
