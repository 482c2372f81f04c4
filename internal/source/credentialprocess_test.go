//go:build unix

package source

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/wire"
)

// printing is a profile whose program prints the text.
func printing(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "printed.json")
	write(t, path, text)
	return fmt.Sprintf("[profile %s]\ncredential_process = cat %s\n", name, path)
}

func asPrinted(s credential.Session, expires string) string {
	return fmt.Sprintf(`{"Version": 1, "AccessKeyId": %q, "SecretAccessKey": %q, "SessionToken": %q, "Expiration": %q, "Later": {}}`,
		s.AccessKeyID, s.SecretAccessKey.Reveal(), s.SessionToken.Reveal(), expires)
}

const onProgram = `
[profile admin]
understudy_role_arn = arn:aws:iam::123456789012:role/Admin
understudy_source_profile = roots
`

func TestASessionOfAnotherProgramIsServedUntilItsExpiration(t *testing.T) {
	s, _ := withSTS(t, "")
	made := s.session(t, "base")
	ends := time.Now().Add(40 * time.Minute).Truncate(time.Second)
	write(t, s.query.ConfigFile, printing(t, "roots", asPrinted(made, ends.Format(time.RFC3339))))
	p := s.plan(t, "roots")
	if !p.Runs || p.Base != nil || p.Source != "another program" || p.RoleARN != "" {
		t.Errorf("plan = %+v", p)
	}
	got := s.session(t, "roots")
	if got.AccessKeyID != made.AccessKeyID || !got.SessionToken.Equal(made.SessionToken) || !got.Expiration.Equal(ends) {
		t.Errorf("got %s %v, want %s until %v", got.AccessKeyID, got, made.AccessKeyID, ends)
	}
	if d := 40*time.Minute - got.Lifetime; d < 0 || d > 5*time.Second {
		t.Errorf("lifetime %v", got.Lifetime)
	}
}

func TestASessionOfAnotherProgramSignsForARole(t *testing.T) {
	s, sts := withSTS(t, "")
	made := s.session(t, "base")
	write(t, s.query.ConfigFile, onProgram+printing(t, "roots", asPrinted(made, time.Now().Add(time.Hour).UTC().Format(credential.TimeFormat))))
	if p := s.plan(t, "admin"); p.Source != "role via session of roots" || !p.Slow() || p.Runs {
		t.Errorf("plan = %+v", p)
	}
	s.session(t, "admin")
	calls := sts.Calls()
	if last := calls[len(calls)-1]; last.Op != "AssumeRole" || last.Key != made.AccessKeyID {
		t.Errorf("the last call was %s, signed with %s", last.Op, last.Key)
	}
}

func TestLongLivedKeysOfAProgramAreUsedForASessionAndNotHandedOut(t *testing.T) {
	const keys = `{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"`
	s, sts := withSTS(t, onProgram+printing(t, "roots", keys+`}`))
	got := s.session(t, "roots")
	if got.AccessKeyID == "AKIAIOSFODNN7EXAMPLE" || got.Lifetime < 11*time.Hour {
		t.Errorf("got %s for %v", got.AccessKeyID, got.Lifetime)
	}
	if c := sts.Calls()[0]; c.Op != "GetSessionToken" || c.Key != "AKIAIOSFODNN7EXAMPLE" {
		t.Errorf("asked for %s with %s", c.Op, c.Key)
	}
	s.session(t, "admin")

	ends := time.Now().Add(2 * time.Hour).UTC().Truncate(time.Second)
	write(t, s.query.ConfigFile, printing(t, "roots", keys+`,"Expiration":"`+ends.Format(credential.TimeFormat)+`"}`))
	if got := s.session(t, "roots"); !got.Expiration.Equal(ends) || got.Lifetime > 2*time.Hour+time.Minute {
		t.Errorf("a session of keys that end at %v lasts until %v, %v", ends, got.Expiration, got.Lifetime)
	}
	sts.Revoke("AKIAIOSFODNN7EXAMPLE")
	f := s.failure(t, "roots")
	if f.Code != wire.Denied {
		t.Errorf("code %s", f.Code)
	}
	mustContain(t, f.Hint, "the program of "+s.query.ConfigFile+":2", "deleted or inactive")
}

func TestTemporaryCredentialsWithoutExpirationLast15Minutes(t *testing.T) {
	s := newStage(t, "", printing(t, "roots", `{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"s3cr3t","SessionToken":"t0k3n","Expiration":null}`), "")
	got := s.session(t, "roots")
	if left := time.Until(got.Expiration); left > 15*time.Minute || left < 14*time.Minute {
		t.Errorf("kept for %v", left)
	}
}

func TestAFailingProgramIsReportedWithItsFirstLine(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "no-program")
	write(t, lock, "")
	const secret = "hunter2"
	for name, c := range map[string]struct {
		command, reason, hint string
		code                  wire.Code
	}{
		"a refusal":         {`printf '\n\033[31mcertificate has expired.\nsecond line\n' >&2; echo ` + secret + `; exit 1`, "ended with status 1: [31mcertificate has expired", "by hand", wire.Temporary},
		"nothing to run":    {"/nowhere/aws_signing_helper credential-process", "status 127", "from the root", wire.BadConfig},
		"no program":        {lock, "status 126", "from the root", wire.BadConfig},
		"killed":            {"kill -9 $$", "was killed", "by hand", wire.Temporary},
		"too much":          {"head -c 70000 /dev/zero", "printed more than it may", "64 KiB", wire.BadConfig},
		"no JSON":           {"echo 'password: " + secret + "'", "not one JSON object", "Version", wire.BadConfig},
		"nothing at all":    {"true", "not one JSON object", "Version", wire.BadConfig},
		"a version to come": {`echo '{"Version":2,"AccessKeyId":"A","SecretAccessKey":"` + secret + `"}'`, "its Version is not the number 1", "Version", wire.BadConfig},
		"a text version":    {`echo '{"Version":"1","AccessKeyId":"A","SecretAccessKey":"` + secret + `"}'`, "its Version is not the number 1", "Version", wire.BadConfig},
		"two objects":       {`echo '{"Version":1} {}'`, "not one JSON object", "Version", wire.BadConfig},
		"no key":            {`echo '{"Version":1,"SecretAccessKey":"` + secret + `"}'`, "no AccessKeyId", "Version", wire.BadConfig},
		"no secret":         {`echo '{"Version":1,"AccessKeyId":"A"}'`, "no SecretAccessKey", "Version", wire.BadConfig},
		"a number":          {`echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":7}'`, "SecretAccessKey is not text", "Version", wire.BadConfig},
		"a broken secret":   {`echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"` + secret + ` "}'`, "secret access key has characters", "Version", wire.BadConfig},
		"no time":           {`echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"` + secret + `","SessionToken":"t","Expiration":"tomorrow"}'`, "Expiration is not a time", "Version", wire.BadConfig},
		"past its end":      {`echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"` + secret + `","SessionToken":"t","Expiration":"2020-01-01T00:00:00Z"}'`, "credentials that are refused", "by hand", wire.Temporary},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, "", "[profile x]\nunderstudy_credential_process = "+c.command+"\ncredential_process = /nowhere/else\n", "")
			f := s.failure(t, "x")
			if f.Code != c.code {
				t.Errorf("code %s, want %s", f.Code, c.code)
			}
			mustContain(t, f.Reason, s.query.ConfigFile+":2: understudy_credential_process", c.reason)
			mustContain(t, f.Hint, c.hint)
			if strings.Contains(f.Reason+f.Hint, secret) {
				t.Errorf("what was printed is told: %q", f.Reason)
			}
		})
	}
}

func TestATooLateExpirationIsCut(t *testing.T) {
	s := newStage(t, "", printing(t, "roots", `{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"t","Expiration":"2099-01-01T00:00:00Z"}`), "")
	if got := s.session(t, "roots"); got.Lifetime > keySessionMax || got.Lifetime < keySessionMax-time.Minute {
		t.Errorf("kept for %v", got.Lifetime)
	}
}

func TestAProgramIsStoppedWithTheFetch(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	s := newStage(t, "", "[profile x]\ncredential_process = echo $$ >"+mark+"; exec sleep 60\n", "")
	p := s.plan(t, "x")
	began := time.Now()
	_, err := p.Fetch(briefly(t), credential.Session{})
	if f := oneLine(t, err); f.Code != wire.Temporary {
		t.Errorf("code %s", f.Code)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if _, err := os.Stat(mark); err != nil {
		t.Errorf("the program never ran: %v", err)
	}
}

func TestProfilesWithTheSameProgramShareItsSession(t *testing.T) {
	config := printing(t, "roots", "{}")
	s := newStage(t, "", config+strings.Replace(config, "roots", "more", 1)+strings.NewReplacer("roots", "west", "cat", "cat  ").Replace(config), "")
	if a, b := s.plan(t, "roots"), s.plan(t, "more"); a.ID != b.ID {
		t.Error("the same program gives two identities")
	}
	if a, b := s.plan(t, "roots"), s.plan(t, "west"); a.ID == b.ID {
		t.Error("another program gives the same identity")
	}
}
