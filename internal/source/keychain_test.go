package source

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/wire"
)

// keychain holds keys by profile, and their marks in a file.
type keychain struct {
	t     *testing.T
	marks string

	mu    sync.Mutex
	keys  map[string]awsconfig.StaticKeys
	sick  *credential.Failure
	reads int
}

func (k *keychain) put(profile, id, secret string) {
	k.mu.Lock()
	k.keys[profile] = awsconfig.StaticKeys{AccessKeyID: id, SecretAccessKey: credential.NewSecret(secret)}
	k.mu.Unlock()
	replace(k.t, k.marks, "mark of "+id)
}

func (k *keychain) key(_ context.Context, profile string) (awsconfig.StaticKeys, string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.reads++
	if k.sick != nil {
		return awsconfig.StaticKeys{}, "", k.sick
	}
	key, ok := k.keys[profile]
	if !ok {
		return key, "", &credential.Failure{Code: wire.BadConfig, Reason: "there are none in the keychain", Hint: "understudy keys add " + profile}
	}
	return key, "111111111111", nil
}

func (k *keychain) mark(profile string) string {
	content, _ := os.ReadFile(k.marks)
	return profile + string(content)
}

const keptBase = `
[profile base]
understudy_keys = keychain
`

// withKeychain is a stage whose files have no key; alice's is in the keychain, for
// base.
func withKeychain(t *testing.T, config string) (*stage, *sandbox.Server, *keychain) {
	t.Helper()
	sts := sandbox.New()
	s := newStage(t, serve(t, sts), config, "")
	k := &keychain{t: t, marks: filepath.Join(t.TempDir(), "keys.json"), keys: map[string]awsconfig.StaticKeys{}}
	alice := sandbox.Example()
	k.put("base", alice.AccessKeyID, alice.Secret.Reveal())
	s.Kept = &Kept{Key: k.key, Mark: k.mark, Marks: k.marks}
	return s, sts, k
}

func TestAKeyInTheKeychainSignsForRolesAndForSessionsOfItsOwn(t *testing.T) {
	s, sts, k := withKeychain(t, keptBase+adminRole+`
[profile self]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = self
understudy_keys = keychain
`)
	alice := sandbox.Example()
	k.put("self", alice.AccessKeyID, alice.Secret.Reveal())
	for profile, source := range map[string]string{"admin": "role via kept keys of base", "base": "session of kept keys of base", "self": "role via kept keys of self"} {
		p := s.plan(t, profile)
		if p.Source != source {
			t.Errorf("%s: source %q, want %q", profile, p.Source, source)
		}
		if got := s.session(t, profile); got.Raw || got.SessionToken.Empty() {
			t.Errorf("%s: %v is no session", profile, got)
		}
	}
	if roles, own := sts.Count("AssumeRole"), sts.Count("GetSessionToken"); roles != 2 || own != 1 {
		t.Errorf("%d and %d calls", roles, own)
	}
}

// Resolve is called for every request, and a keychain may be slow.
func TestAPlanIsMadeWithoutAskingTheKeychain(t *testing.T) {
	s, _, k := withKeychain(t, keptBase+adminRole)
	k.sick = &credential.Failure{Code: wire.LoginNeeded, Reason: "the keychain is locked", Hint: "unlock it", RetryAfter: time.Second}
	first := s.plan(t, "admin")
	if k.reads != 0 {
		t.Errorf("%d reads of the keychain", k.reads)
	}
	f := s.failure(t, "admin")
	if f.Code != wire.LoginNeeded || f.RetryAfter != time.Second || f.Reason != `keys of "base": the keychain is locked` {
		t.Errorf("%+v", f)
	}
	if s.plan(t, "admin") != first {
		t.Error("the same profile has another plan")
	}
}

func TestAnotherKeyInTheKeychainGivesAnotherPlanAndIsReadAtTheNextFetch(t *testing.T) {
	s, sts, k := withKeychain(t, keptBase+adminRole)
	before := s.plan(t, "admin")
	if _, err := fetch(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	sts.AddUser(sandboxUser("alice", "AKIAROTATED", "another"))
	k.put("base", "AKIAROTATED", "another")
	sts.Revoke(sandbox.Example().AccessKeyID)
	after := s.plan(t, "admin")
	if after.ID == before.ID {
		t.Error("the identity is that of the old key")
	}
	for name, p := range map[string]*credential.Plan{"new": after, "old": before} {
		if _, err := fetch(t.Context(), p); err != nil {
			t.Errorf("the %s plan: %v", name, err)
		}
	}
}

func TestAKeyInTheKeychainHasMFASessionsLikeAnyOther(t *testing.T) {
	s, sts, _ := withKeychain(t, keptBase+"understudy_mfa_serial = "+aliceMFA+"\n"+adminRole)
	p := &person{answers: []string{"123456"}}
	s.Ask = p.ask
	admin := s.plan(t, "admin")
	if admin.Base == nil || admin.Base.ID != s.plan(t, "base").ID || admin.Base.Asks == "" {
		t.Fatalf("base %+v", admin.Base)
	}
	if _, err := fetch(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	if n := sts.Count("GetSessionToken"); n != 1 || len(p.questions) != 1 {
		t.Errorf("%d sessions, %d questions", n, len(p.questions))
	}
}

func TestKeysInAFileAreIgnoredIfTheyAreInTheKeychainToo(t *testing.T) {
	s, _, k := withKeychain(t, keptBase+adminRole)
	write(t, s.query.CredentialsFile, "[base]\naws_access_key_id = AKIASTALE\naws_secret_access_key = stale\n")
	s.session(t, "admin")
	if k.reads != 1 {
		t.Errorf("%d reads of the keychain", k.reads)
	}
}

func TestARawKeyIsHandedOutOnlyOnRequest(t *testing.T) {
	s, sts, _ := withKeychain(t, keptBase+"understudy_raw = yes\nunderstudy_mfa_serial = "+aliceMFA+"\n"+adminRole)
	p := &person{answers: []string{"123456"}}
	s.Ask = p.ask
	got := s.session(t, "base")
	alice := sandbox.Example()
	if !got.Raw || got.AccessKeyID != alice.AccessKeyID || !got.SecretAccessKey.Equal(alice.Secret) || !got.SessionToken.Empty() || got.AccountID != "111111111111" {
		t.Errorf("got %v", got)
	}
	if left := got.Left(credential.Now()); left < rawLife-time.Minute || left > rawLife {
		t.Errorf("to be asked for again in %v", left)
	}
	if err := got.Check(credential.Now()); err != nil {
		t.Error(err)
	}
	if n := len(sts.Calls()); n != 0 || len(p.questions) != 0 {
		t.Errorf("%d calls, %d questions", n, len(p.questions))
	}
	if admin := s.plan(t, "admin"); admin.Base == nil {
		t.Error("a role on raw keys needs no MFA any more")
	}
}

func TestARawKeyHasAnIdentityOfItsOwn(t *testing.T) {
	ids := map[string]string{}
	s, _, _ := withKeychain(t, "")
	for name, lines := range map[string]string{"raw": "understudy_raw = true\n", "session": "understudy_raw = no\n", "no word": ""} {
		replace(t, s.query.ConfigFile, keptBase+lines)
		ids[name] = s.plan(t, "base").ID
	}
	if ids["raw"] == ids["session"] || ids["session"] != ids["no word"] {
		t.Errorf("%v", ids)
	}
}

func TestBadValuesOfKeychainKeysAreReportedWithTheirLine(t *testing.T) {
	for name, c := range map[string]struct{ config, profile, reason, hint string }{
		"another place":   {"[profile base]\nunderstudy_keys = vault\n", "base", `understudy_keys = "vault"`, "write keychain"},
		"raw, of a role":  {keptBase + adminRole + "understudy_raw = yes\n", "admin", "understudy_raw is for a profile whose keys", "take the line out"},
		"raw, of a file":  {"[profile plain]\naws_access_key_id = AKIAX\naws_secret_access_key = x\nunderstudy_raw = yes\n", "plain", "understudy_raw is for", "take the line out"},
		"raw, and how":    {keptBase + "understudy_raw = perhaps\n", "base", `understudy_raw = "perhaps"`, "write yes"},
		"its base is bad": {"[profile base]\nunderstudy_keys = 1\n" + adminRole, "admin", `understudy_keys = "1"`, "write keychain"},
	} {
		s, _, _ := withKeychain(t, c.config)
		f := s.refusal(t, c.profile)
		if f.Code != wire.BadConfig || !strings.Contains(f.Reason, "config:") || !strings.Contains(f.Reason, c.reason) || !strings.Contains(f.Hint, c.hint) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	s, _, _ := withKeychain(t, keptBase)
	s.Kept = nil
	if f := s.refusal(t, "base"); f.Code != wire.BadConfig || !strings.Contains(f.Reason, "nothing is kept in the keychain here") {
		t.Errorf("without a keychain: %+v", f)
	}
}

func TestARejectedKeyIsNamedByItsPlace(t *testing.T) {
	s, sts, _ := withKeychain(t, keptBase+adminRole)
	sts.Revoke(sandbox.Example().AccessKeyID)
	f := s.failure(t, "admin")
	if f.Code != wire.Denied {
		t.Errorf("%+v", f)
	}
	mustContain(t, f.Hint, `the access key of profile "base" in the keychain is deleted or inactive`)
}
