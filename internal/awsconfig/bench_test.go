package awsconfig

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

const tenMB = 10_000_000

// bigProfiles is a file of ten megabytes of profiles.
func bigProfiles() string {
	var b strings.Builder
	for i := 0; b.Len() < tenMB; i++ {
		fmt.Fprintf(&b, "[profile p%06d]\nregion = eu-west-1\nrole_arn = arn:aws:iam::123456789012:role/Admin\n\n", i)
	}
	return b.String()
}

// bigConfigs are files of ten megabytes, each in the way that costs a reader
// most in one respect.
func bigConfigs() map[string]string {
	var keys strings.Builder
	keys.WriteString("[profile p000000]\n")
	for i := 0; keys.Len() < tenMB; i++ {
		fmt.Fprintf(&keys, "key%06d = value\n", i)
	}
	return map[string]string{
		"profiles": bigProfiles(),
		"keys":     keys.String(),
		"comments": "[profile p000000]\n" + strings.Repeat("# nothing to see\n", tenMB/17),
		"junk":     "[profile p000000]\n" + strings.Repeat("junk\n", tenMB/5),
		"headers":  "[profile p000000]\n" + strings.Repeat("[x]\n", tenMB/4),
	}
}

// BenchmarkRead10MB measures a changed file up to the first profile in it, and
// reports what stays in memory.
func BenchmarkRead10MB(b *testing.B) {
	for name, content := range bigConfigs() {
		b.Run(name, func(b *testing.B) {
			before := heap()
			var c *Config
			for b.Loop() {
				config := newText("/config", strings.Clone(content), configFile)
				c = &Config{config: config, credentials: newText("/credentials", "", credentialsFile)}
				if _, ok := c.Profile("p000000"); !ok {
					b.Fatal(c.Explain("p000000"))
				}
			}
			b.ReportMetric(float64(heap()-before)/1e6, "MB-kept")
			runtime.KeepAlive(c)
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkUnchanged(b *testing.B) {
	dir := b.TempDir()
	var r Reader
	f := Files{Config: dir + "/config", Credentials: dir + "/credentials"}
	for b.Loop() {
		if _, err := r.Read(b.Context(), f); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkProfile(b *testing.B) {
	content := bigProfiles()
	c := &Config{config: newText("/config", content, configFile), credentials: newText("/credentials", "", credentialsFile)}
	for b.Loop() {
		if _, ok := c.Profile("p010000"); !ok {
			b.Fatal(c.Explain("p010000"))
		}
	}
}
