package adopt

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"understudy/internal/awsconfig"
)

// roundTrip moves every profile in and out again, and checks what has to hold of
// any two files. It returns how many were moved.
func roundTrip(t *testing.T, m *Mover, f Files) (moved int) {
	t.Helper()
	names := f.Parse().Names()
	in := m.Adopt(t.Context(), f, names)
	to := Files{Files: f.Files}
	to.ConfigText, to.CredentialsText = in.Texts()

	untouched, translated := true, false
	drafts := begin(f)
	for _, o := range in.Profiles {
		translated = translated || len(o.Notes) > 0 || o.Serves != ""
		untouched = untouched && !subjectOf(drafts, o.Profile).touched()
	}
	was, is := Release(f, names), Release(to, names)
	wantConfig, wantCredentials := was.Texts()
	if untouched && (wantConfig != f.ConfigText || wantCredentials != f.CredentialsText) {
		t.Fatalf("release changed what was never moved in:\n%q\n%q", f.ConfigText, f.CredentialsText)
	}
	if config, credentials := is.Texts(); config != wantConfig || credentials != wantCredentials {
		t.Fatalf("of\n%q\n%q\nrelease makes\n%q\n%q, and after adopt, which made\n%q\n%q\nit makes\n%q\n%q",
			f.ConfigText, f.CredentialsText, wantConfig, wantCredentials, to.ConfigText, to.CredentialsText, config, credentials)
	}
	again := m.Adopt(t.Context(), to, names)
	if config, credentials := again.Texts(); config != to.ConfigText || credentials != to.CredentialsText {
		t.Fatalf("of\n%q\n%q\nadopt makes\n%q\n%q\nand of that\n%q\n%q", f.ConfigText, f.CredentialsText, to.ConfigText, to.CredentialsText, config, credentials)
	}
	half := Files{f.Files, to.ConfigText, f.CredentialsText}
	if config, credentials := Release(half, names).Texts(); config != wantConfig || credentials != wantCredentials {
		t.Fatalf("of a half\n%q\n%q\nrelease makes\n%q\n%q", to.ConfigText, f.CredentialsText, config, credentials)
	}
	goesOn(t, m, half, to)
	onlyPrefixes(t, f.ConfigText, to.ConfigText)
	onlyPrefixes(t, f.CredentialsText, to.CredentialsText)
	before, after := f.Parse(), to.Parse()
	for i, o := range in.Profiles {
		if o.State != Moved {
			continue
		}
		moved++
		if o.Serves == "" && again.Profiles[i].State != Already {
			t.Fatalf("%s, moved in, is not: %v\n%q\n%q", o.Profile, again.Profiles[i].Why, to.ConfigText, to.CredentialsText)
		}
		leavesNothingPlain(t, to, o)
		old, err := m.Resolve(t.Context(), before, o.Profile)
		now, errNow := m.Resolve(t.Context(), after, o.Profile)
		if !translated && (err != nil || errNow != nil || old.ID != now.ID) {
			t.Fatalf("%s asks for something else: %v, %v\n%q\n%q\n%q\n%q", o.Profile, err, errNow,
				f.ConfigText, f.CredentialsText, to.ConfigText, to.CredentialsText)
		}
	}
	return moved
}

// goesOn checks that adopt, run again after it was killed between the two files,
// brings it to an end or says why not: then release takes it back.
func goesOn(t *testing.T, m *Mover, half, to Files) {
	t.Helper()
	c := m.Adopt(t.Context(), half, half.Parse().Names())
	config, credentials := c.Texts()
	left := slices.ContainsFunc(c.Profiles, func(o Outcome) bool { return o.State == Left })
	if (config != to.ConfigText || credentials != to.CredentialsText) && !left {
		t.Fatalf("of a half\n%q\n%q\nadopt makes\n%q\n%q, not\n%q", half.ConfigText, half.CredentialsText, config, credentials, to.CredentialsText)
	}
}

// onlyPrefixes holds the lines of now against those of was: the same, in the
// same order, but for a prefix behind the indentation, and lines put in.
func onlyPrefixes(t *testing.T, was, now string) {
	t.Helper()
	lines := strings.SplitAfter(was, "\n")
	for line := range strings.SplitAfterSeq(now, "\n") {
		indent := len(line) - len(strings.TrimLeft(line, " \t\v\f\r\u0085\u00a0"))
		bare := strings.TrimPrefix(line[indent:], awsconfig.Was)
		if bare == line[indent:] {
			bare = strings.TrimPrefix(bare, awsconfig.Prefix)
		}
		switch {
		case len(lines) > 0 && (line == lines[0] || line[:indent]+bare == lines[0] || strings.TrimRight(line, "\r\n") == lines[0]):
			lines = lines[1:]
		case len(lines) > 0 && ownLine(lines[0]) && ownLine(line): // one whose program is not there is written anew
			lines = lines[1:]
		case strings.HasPrefix(line[indent:], "credential_process = "+helper) || strings.HasPrefix(line[indent:], awsconfig.Prefix):
		default:
			t.Fatalf("the line %q came from nowhere; next was %q\n%q\n%q", line, lines, was, now)
		}
	}
	if len(lines) > 1 || len(lines) == 1 && lines[0] != "" {
		t.Fatalf("lines are gone: %q\n%q\n%q", lines, was, now)
	}
}

func ownLine(line string) bool {
	key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
	if !strings.Contains(line, "=") || strings.Contains(key, ":") {
		key, value, _ = strings.Cut(strings.TrimSpace(line), ":")
	}
	_, ours := awsconfig.ParseOwn(value)
	return ours && strings.EqualFold(strings.TrimSpace(key), process)
}

// leavesNothingPlain checks that no key is left that an SDK would act on.
func leavesNothingPlain(t *testing.T, f Files, o Outcome) {
	t.Helper()
	s := subjectOf(begin(f), o.Profile)
	lines := 0
	for p := range s.pairs() {
		name := strings.ToLower(p.Key)
		_, ours := awsconfig.ParseOwn(p.Value())
		switch {
		case name == process && ours:
			lines++
		case moves(name) || isStatic(name):
			t.Fatalf("%s of %s is still plain\n%q\n%q", p.Key, o.Profile, f.ConfigText, f.CredentialsText)
		}
	}
	if lines == 0 {
		t.Fatalf("%s has no line of ours\n%q\n%q", o.Profile, f.ConfigText, f.CredentialsText)
	}
}

func TestAdoptAndReleaseGiveBackTheSameBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute; make unit runs it")
	}
	files := 12_000
	if raceDetector { // one goroutine: nothing races, and it takes ten times as long
		files = 1_000
	}
	r := rand.New(rand.NewPCG(1, 2))
	m, moved, with := mover(), 0, 0
	for range files {
		n := roundTrip(t, m, odd(r))
		moved += n
		if n > 0 {
			with++
		}
	}
	if with < files/10 {
		t.Fatalf("only %d of %d files had a profile that was moved: the test sees too little", with, files)
	}
	t.Logf("%d profiles of %d files were moved in and out", moved, with)
}
