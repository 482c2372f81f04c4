package source

import (
	"context"
	"os"
	"testing"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/wire"
)

// halves makes Read return half of the file the first times, as for a reader
// without a last good content.
func halves(t *testing.T, s *stage, times int) *int {
	t.Helper()
	half := s.query.ConfigFile + ".half"
	write(t, half, "[profile other]\nregion = eu-west-1\n")
	read, reads := (&awsconfig.Reader{}).Read, 0
	s.Read = func(ctx context.Context, f awsconfig.Files) (*awsconfig.Config, error) {
		if reads++; reads <= times {
			f.Config = half
		}
		return read(ctx, f)
	}
	return &reads
}

func TestAHalfWrittenFileIsReadAgain(t *testing.T) {
	s, _ := withSTS(t, adminRole)
	reads := halves(t, s, 2)
	s.plan(t, "admin")
	if *reads != 3 {
		t.Errorf("read %d times", *reads)
	}
}

func TestAMissingProfileIsReportedAfterAMoment(t *testing.T) {
	s, _ := withSTS(t, adminRole)
	reads := halves(t, s, 100)
	if f := s.refusal(t, "admin"); f.Code != wire.UnknownProfile || *reads != maxReads {
		t.Errorf("%+v after %d reads", f, *reads)
	}
	// A file that does not change any more is not read again.
	long := time.Now().Add(-time.Minute)
	for _, path := range []string{s.query.ConfigFile, s.query.CredentialsFile} {
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	*reads = 0
	if s.refusal(t, "admin"); *reads != 1 {
		t.Errorf("read %d times although the file is old", *reads)
	}
}
