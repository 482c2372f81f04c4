package credential

import (
	"strings"
	"testing"
	"time"
)

// issued is a session of one hour that arrived at noon, two hours after boot.
func issued() (Session, Moment) {
	noon := Moment{Wall: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Boot: 2 * time.Hour, ID: "boot-1"}
	return Session{
		AccessKeyID:     "ASIAIOSFODNN7EXAMPLE",
		SecretAccessKey: NewSecret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
		SessionToken:    NewSecret("made-up/token+=="),
		Expiration:      noon.Wall.Add(time.Hour),
		AccountID:       "123456789012",
		Lifetime:        time.Hour,
		Issued:          noon,
	}, noon
}

// after is noon's moment when the wall clock and the boot clock have moved on.
func after(noon Moment, wall, boot time.Duration) Moment {
	return Moment{Wall: noon.Wall.Add(wall), Boot: noon.Boot + boot, ID: noon.ID}
}

// rebooted is noon's moment in the next boot, up for an hour.
func rebooted(noon Moment, wall time.Duration) Moment {
	return Moment{Wall: noon.Wall.Add(wall), Boot: time.Hour, ID: "boot-2"}
}

func TestLeftIsTheSmallerOfBothClocks(t *testing.T) {
	s, noon := issued()
	for name, c := range map[string]struct {
		now       Moment
		left, age time.Duration
	}{
		"at once":                       {noon, time.Hour, 0},
		"both agree":                    {after(noon, 20*time.Minute, 20*time.Minute), 40 * time.Minute, 20 * time.Minute},
		"at the end":                    {after(noon, time.Hour, time.Hour), 0, time.Hour},
		"past the end":                  {after(noon, 61*time.Minute, 61*time.Minute), -time.Minute, 61 * time.Minute},
		"wall set 8 h ahead":            {after(noon, 8*time.Hour+time.Minute, time.Minute), -7*time.Hour - time.Minute, time.Minute},
		"wall set 8 h back":             {after(noon, -8*time.Hour+30*time.Minute, 30*time.Minute), 30 * time.Minute, 30 * time.Minute},
		"wall set 8 h back, and ended":  {after(noon, -7*time.Hour, time.Hour), 0, time.Hour},
		"wall set a year back":          {after(noon, -365*24*time.Hour, 59*time.Minute), time.Minute, 59 * time.Minute},
		"wall at 1970":                  {Moment{Wall: time.Unix(0, 0), Boot: noon.Boot + 10*time.Minute, ID: noon.ID}, 50 * time.Minute, 10 * time.Minute},
		"slept 50 min":                  {after(noon, 50*time.Minute, 50*time.Minute), 10 * time.Minute, 50 * time.Minute},
		"slept 2 h":                     {after(noon, 2*time.Hour, 2*time.Hour), -time.Hour, 2 * time.Hour},
		"slept 2 h, wall set back":      {after(noon, 0, 2*time.Hour), -time.Hour, 2 * time.Hour},
		"boot clock before the issue":   {after(noon, time.Minute, -time.Minute), 59 * time.Minute, 0},
		"rebooted after 10 min":         {rebooted(noon, 10*time.Minute), 50 * time.Minute, 10 * time.Minute},
		"rebooted, ended":               {rebooted(noon, 2*time.Hour), -time.Hour, 2 * time.Hour},
		"rebooted, wall 4 min back":     {rebooted(noon, -4*time.Minute), 64 * time.Minute, 0},
		"rebooted, wall 8 h back":       {rebooted(noon, -8*time.Hour), 0, 0},
		"rebooted, wall at 1970":        {Moment{Wall: time.Unix(0, 0), Boot: time.Minute, ID: "boot-2"}, 0, 0},
		"rebooted, wall 8 h ahead":      {rebooted(noon, 8*time.Hour), -7 * time.Hour, 8 * time.Hour},
		"no boot id on this platform":   {Moment{Wall: noon.Wall.Add(10 * time.Minute), Boot: noon.Boot}, 50 * time.Minute, 10 * time.Minute},
		"no boot id, wall set far back": {Moment{Wall: noon.Wall.Add(-time.Hour), Boot: noon.Boot}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if left := s.Left(c.now); left != c.left {
				t.Errorf("left %v, want %v", left, c.left)
			}
			if age := s.Age(c.now); age != c.age {
				t.Errorf("age %v, want %v", age, c.age)
			}
		})
	}
}

func TestTwoMomentsWithoutABootIDAreNeverOfOneBoot(t *testing.T) {
	if d, ok := (Moment{Boot: time.Hour}).Since(Moment{}); ok {
		t.Errorf("since is %v, want none", d)
	}
}

func TestCheckNamesWhatIsSenseless(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Session)
		want  string
	}{
		"whole":                         {func(*Session) {}, ""},
		"no account":                    {func(s *Session) { s.AccountID = "" }, ""},
		"the longest life":              {func(s *Session) { s.Lifetime = 36 * time.Hour }, ""},
		"no key id":                     {func(s *Session) { s.AccessKeyID = "" }, "no AccessKeyId"},
		"no secret":                     {func(s *Session) { s.SecretAccessKey = Secret{} }, "no SecretAccessKey"},
		"raw, without a token":          {func(s *Session) { s.Raw, s.SessionToken = true, Secret{} }, ""},
		"raw, without a secret":         {func(s *Session) { s.Raw, s.SecretAccessKey = true, Secret{} }, "no SecretAccessKey"},
		"empty token":                   {func(s *Session) { s.SessionToken = NewSecret("") }, "no SessionToken"},
		"newline in the key id":         {func(s *Session) { s.AccessKeyID = "ASIA\nX" }, "AccessKeyId has a character"},
		"space in the token":            {func(s *Session) { s.SessionToken = NewSecret("canary canary") }, "SessionToken has a character"},
		"not ASCII":                     {func(s *Session) { s.SecretAccessKey = NewSecret("canaryé") }, "SecretAccessKey has a character"},
		"bad UTF-8":                     {func(s *Session) { s.SecretAccessKey = NewSecret("canary\xff") }, "SecretAccessKey has a character"},
		"a control in the account":      {func(s *Session) { s.AccountID = "123\x00" }, "AccountId has a character"},
		"no expiration":                 {func(s *Session) { s.Expiration = time.Time{} }, "no Expiration"},
		"no life":                       {func(s *Session) { s.Lifetime = 0 }, "expired when it was issued"},
		"born dead":                     {func(s *Session) { s.Lifetime = -time.Second }, "expired when it was issued"},
		"lives till 2099":               {func(s *Session) { s.Lifetime = 73 * 365 * 24 * time.Hour }, "longer than any session lives"},
		"two minutes too long":          {func(s *Session) { s.Lifetime = 36*time.Hour + 2*time.Minute }, "longer than any session lives"},
		"of an older boot, and ended":   {func(s *Session) { s.Issued.ID, s.Expiration = "boot-0", s.Issued.Wall }, "expired when it arrived"},
		"fine but for the wall clock":   {func(s *Session) { s.Expiration = s.Issued.Wall.Add(-time.Hour) }, ""},
		"of an older boot, with a life": {func(s *Session) { s.Issued.ID = "boot-0" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, noon := issued()
			c.spoil(&s)
			err := s.Check(noon)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.want != "" && err == nil:
				t.Error("not refused")
			case c.want != "" && !strings.Contains(err.Error(), c.want):
				t.Errorf("says %q, want %q", err, c.want)
			case err != nil && strings.Contains(err.Error(), "canary"):
				t.Errorf("says the secret: %q", err)
			}
		})
	}
}

func TestNowReadsClocksThatMoveTogether(t *testing.T) {
	a := Now()
	if a.ID == "" || a.Boot <= 0 {
		t.Fatalf("%+v: no boot clock", a)
	}
	if a.Wall != a.Wall.Round(0) {
		t.Error("the wall clock carries a monotonic reading, which stops in sleep")
	}
	for b := Now(); ; b = Now() {
		d, ok := b.Since(a)
		if !ok || d < 0 {
			t.Fatalf("%v, %v between two readings of one boot", d, ok)
		}
		if d > 0 {
			return
		}
	}
}
