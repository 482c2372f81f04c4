//go:build linux

package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"understudy/internal/canary"
	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/sandbox/identitycenter"
	"understudy/internal/sandbox/steer"
)

// What is marked. A typed code has six digits and no room for a mark.
const (
	baseSecret    = "CANARYbase/K7MDENG+bPxRfiCYEXAMPLEKEY40x"
	callersSecret = "CANARYcaller/K7MDENG+bPxRfiCYEXAMPLE40xx"
	seedSecret    = "CANARYSEEDCANARYSEEDCANARYSEEDAA"
	typedCode     = "739184"
	mistaken      = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" // typed as an argument
	sessionMark   = "CANARYsession/of+STS"
	processMark   = "CANARYprocess/of+ours"
	tokenMark     = "CANARYtoken/of+center"
)

var marked = canary.Secrets{
	"base key": baseSecret, "caller's key": callersSecret, "seed": seedSecret, "typed code": typedCode,
	"session": sessionMark, "process's output": processMark, "token": tokenMark,
}

// tour uses every marked secret through every verb.
type tour struct {
	*sky
	output string    // the command that prints a session
	said   []outcome // all but what is meant to hold a session
}

// newTour is a world where ada has a plain key, dana a seed, bob a device that he
// reads codes from, and carol nothing but what is in her environment.
func newTour(t *testing.T) *tour {
	t.Helper()
	s := newSky(newWorld(t).withKeyring())
	c := &tour{sky: s}
	// As much as can be had of the runtime, of net/http and of what is linked.
	maps.Copy(s.Vars, map[string]string{
		"GODEBUG": "http2debug=2,netdns=go+2", "GOTRACEBACK": "crash", "DBUS_VERBOSE": "1", "G_MESSAGES_DEBUG": "all",
		"DEBUG": "1", "SSLKEYLOGFILE": filepath.Join(s.Dir, "keylog"),
	})

	person := func(name, secret string) sandbox.User {
		u := sandbox.Example()
		u.Name, u.AccessKeyID = name, "AKIA"+strings.ToUpper(name)+"EXAMPLE0"
		u.MFASerial = "arn:aws:iam::111111111111:mfa/" + name
		u.Secret = credential.NewSecret(secret)
		return u
	}
	dana := person("dana", baseSecret)
	dana.TOTPSeed = credential.NewSecret(seedSecret)
	for _, u := range []sandbox.User{person("ada", baseSecret), dana, person("bob", baseSecret), person("carol", callersSecret)} {
		s.STS.AddUser(u)
	}
	s.STS.Set(sandbox.Behaviour{SecretMark: processMark})
	(&portal{world: s.world}).withBrowser()
	c.output = c.process()
	key := func(name string) string {
		return fmt.Sprintf("[%s]\naws_access_key_id = AKIA%sEXAMPLE0\naws_secret_access_key = %s\n", name, strings.ToUpper(name), baseSecret)
	}
	s.Write(".aws/credentials", key("ada")+key("dana")+key("bob"))
	source := func(name string) string { return "understudy_source_profile = " + name }
	device := "mfa_serial = arn:aws:iam::111111111111:mfa/"
	bare := func(name string, lines ...string) string {
		return fmt.Sprintf("[profile %s]\nregion = us-east-1\nendpoint_url = %s\n%s\n\n", name, s.URL, strings.Join(lines, "\n"))
	}
	s.Write(".aws/config", bare("ada")+bare("dana", device+"dana", "understudy_totp = keychain")+bare("bob", device+"bob")+bare("carol")+
		s.profile("actor", underRole, source("ada"))+
		s.profile("robot", underRole, source("dana"))+
		s.profile("typist", underRole, source("bob"))+
		s.profile("shell", underRole, "understudy_credential_source = Environment")+
		s.profile("process", "understudy_credential_process = "+c.output)+
		s.profile("onprocess", underRole, source("process"))+
		s.profile("dev", "understudy_sso_session = corp", "understudy_sso_account_id = 123456789012", "understudy_sso_role_name = Admin")+
		fmt.Sprintf("[sso-session corp]\nsso_start_url = %s\nsso_region = %s\n\n", identitycenter.StartURL, identitycenter.Region)+
		bare("plain", "role_arn = "+standRole, "source_profile = ada"))
	s.STS.Set(sandbox.Behaviour{SecretMark: sessionMark})
	s.IdentityCenter.Set(identitycenter.Behaviour{SecretMark: tokenMark})
	return c
}

// process is a program that prints a session. What it prints stands outside of
// the world, as on a token.
func (c *tour) process() string {
	c.t.Helper()
	out := c.assume("arn:aws:iam::123456789012:role/Anywhere").Credentials
	if !strings.Contains(*out.SecretAccessKey, processMark) {
		c.t.Fatal("the process's session is not marked")
	}
	path := filepath.Join(c.t.TempDir(), "session.json")
	session := fmt.Sprintf(`{"Version":1,"AccessKeyId":%q,"SecretAccessKey":%q,"SessionToken":%q,"Expiration":%q}`,
		*out.AccessKeyId, *out.SecretAccessKey, *out.SessionToken, out.Expiration.UTC().Format("2006-01-02T15:04:05Z"))
	if err := os.WriteFile(path, []byte(session), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return "sleep 0.5; cat " + path // long enough to be looked at
}

// note keeps what a program said.
func (c *tour) note(o outcome) outcome {
	c.said = append(c.said, o)
	return o
}

// hands keeps what a program said beside the session that it is to print.
func (c *tour) hands(o outcome, mark string) {
	c.t.Helper()
	if o.Status != 0 || !strings.Contains(o.Stdout, mark) {
		o.Stdout = fmt.Sprintf("(%d bytes)", len(o.Stdout))
		c.t.Fatalf("it does not hand out the mark, so the rest proves nothing: %v", o)
	}
	o.Stdout = ""
	c.note(o)
}

// inTime is hands of get, which may have to wait out a back-off or a keychain on a
// machine that is busy.
func (c *tour) inTime(profile, mark string) {
	c.t.Helper()
	var last outcome
	c.eventually(profile+" is served", 2*patience, func() bool {
		last = c.Understudy("get", profile)
		return last.Status == 0
	})
	c.hands(last, mark)
}

// verb runs one that has to succeed.
func (c *tour) verb(args ...string) outcome {
	c.t.Helper()
	o := c.note(c.Understudy(args...))
	if o.Status != 0 {
		c.t.Errorf("%v", o)
	}
	return o
}

// turned keeps what was said with nothing handed out.
func (c *tour) turned(o outcome) outcome {
	c.t.Helper()
	if o.Status == 0 || o.Stdout != "" {
		c.t.Errorf("it is served all the same: status %d, %d bytes of %s", o.Status, len(o.Stdout), o.Name)
		o.Stdout = ""
	}
	return c.note(o)
}

// piped runs a verb that reads a secret from a pipe.
func (c *tour) piped(text string, args ...string) {
	c.t.Helper()
	o := c.note(c.runWith(func(cmd *exec.Cmd) { cmd.Stdin = strings.NewReader(text) }, append([]string{filepath.Join(bin, "understudy")}, args...)...))
	if o.Status != 0 {
		c.t.Errorf("%v", o)
	}
}

// A marked secret is found in the keychain and in what a helper answers, and
// nowhere else, whatever it was used for and whatever went wrong.
func TestASecretIsInTheKeychainAndTheAnswerAndNowhereElse(t *testing.T) {
	t.Parallel()
	c := newTour(t)
	if found := c.filesWith(marked); len(found) != 1 {
		t.Fatalf("before anything was run the marks stand in %v", found)
	}
	look := c.searching(marked, "caller's key")
	c.serves()
	c.fails()
	c.looks()
	c.moves()
	c.keeps()
	c.verb("forget", "--all")
	c.verb("daemon", "stop")
	look.end("understudy-credentials", "understudy daemon", "understudy keys", "exe keychain-worker", "sh -c")

	for _, o := range c.said {
		if found := marked.In(o.Stdout + o.Stderr); len(found) > 0 {
			t.Errorf("%s shows the %v", o.Name, found)
		}
	}
	if found := c.filesWith(marked); len(found) > 0 {
		t.Errorf("on the disk: %v", found)
	}
	all := c.everyVerb()
	for _, verb := range all {
		if !slices.Contains(c.verbs(), verb) {
			t.Errorf("the verb %q was not run", verb)
		}
	}
	t.Logf("%d runs, of %d verbs; %d programs, %d environments", len(c.said), len(all), len(look.seen), look.environ)
}

// serves has every way in serve, each by its own secret.
func (c *tour) serves() {
	// Who starts the daemon has a key in the environment, for itself alone.
	keys := func(cmd *exec.Cmd) {
		cmd.Env = append(cmd.Env, "AWS_ACCESS_KEY_ID=AKIACAROLEXAMPLE0", "AWS_SECRET_ACCESS_KEY="+callersSecret)
	}
	c.hands(c.runWith(keys, helperPath(), "shell"), sessionMark)
	c.hands(c.Helper("actor"), sessionMark)
	c.hands(c.Helper("onprocess"), sessionMark)
	c.hands(c.Helper("process"), processMark)
	c.piped(seedSecret+"\n", "totp", "add", "arn:aws:iam::111111111111:mfa/dana")
	c.inTime("robot", sessionMark)

	typist := c.atTerminal(filepath.Join(bin, "understudy"), "login", "typist")
	typist.await("MFA code of arn:aws:iam::111111111111:mfa/bob")
	typist.types(sandbox.WrongCode + "\n")
	typist.await("that code was not accepted")
	here := c.atTerminal(filepath.Join(bin, "understudy"), "approve")
	here.await("MFA code of arn:aws:iam::111111111111:mfa/bob")
	here.types(typedCode + "\n")
	c.note(named(here.wait(), "understudy approve"))
	c.note(named(typist.wait(), "understudy login"))
	c.hands(c.Helper("typist"), sessionMark)

	page := &portal{world: c.world}
	center := c.atTerminal(filepath.Join(bin, "understudy"), "login", "dev")
	c.note(outcome{Name: "the page", Stdout: page.browse()})
	c.note(named(center.wait(), "understudy login"))
	c.hands(c.Helper("dev"), sessionMark)
	for _, format := range []string{"process", "env", "json"} {
		c.hands(c.Understudy("get", "actor", "--format", format), sessionMark)
	}
	c.eventually("all of it is in the keychain", patience, func() bool {
		return !slices.ContainsFunc(c.status().Sessions, func(one sessionStatus) bool { return !one.Stored })
	})
	c.Kill()
	for _, profile := range []string{"actor", "robot", "typist", "dev"} {
		c.hands(c.Helper(profile), sessionMark)
	}
}

func named(o outcome, name string) outcome {
	o.Name = name
	return o
}

// fails has each kind of failure happen to each way in.
func (c *tour) fails() {
	for _, b := range []sandbox.Behaviour{
		{Fault: sandbox.Fault{Code: "AccessDenied", Message: "no"}},
		{Fault: sandbox.Fault{Code: "Throttling", Status: http.StatusBadRequest}},
		{Fault: sandbox.Fault{Status: http.StatusInternalServerError, Code: "InternalFailure"}},
		{Mutate: sandbox.CutXML},
		{Mutate: sandbox.NoExpiration},
		{Fault: sandbox.Fault{Body: &sandbox.Body{Text: "<html>" + sessionMark}}},
		{Fault: sandbox.Fault{Code: "InvalidClientTokenId"}},
	} {
		b.SecretMark = sessionMark
		c.STS.Set(b)
		c.Understudy("forget", "actor") // it may be gone already
		c.Understudy("forget", "onprocess")
		for _, profile := range []string{"actor", "onprocess"} {
			c.turned(c.Helper(profile))
		}
		c.turned(c.Understudy("get", "actor", "--format", "env"))
	}
	c.STS.Set(sandbox.Behaviour{SecretMark: sessionMark})
	c.IdentityCenter.Set(identitycenter.Behaviour{SecretMark: tokenMark, Page: identitycenter.Denies, Fault: steer.Fault{Status: http.StatusBadRequest, Body: &steer.Body{Text: tokenMark}}})
	c.Understudy("forget", "dev")
	c.turned(c.runWith(noTerminal, helperPath(), "dev"))
	c.IdentityCenter.Set(identitycenter.Behaviour{SecretMark: tokenMark})
	c.turned(c.Helper("nobody"))
	c.Understudy("forget", "typist")
	c.Understudy("forget", "bob")
	c.turned(c.runWith(noTerminal, helperPath(), "typist"))
	c.turned(c.Understudy("get", "shell"))

	// A program that prints half of a session, and one with a line too much.
	_, path, _ := strings.Cut(c.output, "cat ")
	for i, command := range []string{"head -c 200", "cat"} {
		profile := fmt.Sprintf("broken%d", i)
		c.Append(".aws/config", c.profile(profile, "understudy_credential_process = ("+command+"; echo '}') < "+path))
		c.turned(c.Helper(profile))
	}
	c.note(c.runWith(func(cmd *exec.Cmd) { cmd.Stdin = strings.NewReader(seedSecret + "18\n") },
		filepath.Join(bin, "understudy"), "totp", "add", "arn:aws:iam::111111111111:mfa/bob"))
	// An argument in a secret's place is not repeated.
	if o := c.turned(c.Understudy("keys", "add", mistaken)); strings.Contains(o.Stderr, mistaken) {
		c.t.Errorf("%v", o)
	}
}

// looks runs what only tells.
func (c *tour) looks() {
	for _, profile := range []string{"actor", "robot"} {
		c.inTime(profile, sessionMark)
	}
	c.note(c.Understudy("doctor")) // its status says whether it found something
	c.note(c.Understudy("doctor", "--json"))
	c.note(c.Understudy("doctor", "actor"))
	other := filepath.Join(c.Dir, "other")
	if err := os.WriteFile(other, []byte("[profile other]\nregion = us-east-1\n"), 0o600); err != nil {
		c.t.Fatal(err)
	}
	for _, args := range []string{
		"status", "status --json", "list", "list --json", "totp list", "version", "man " + c.Dir, "help", "help keys", "completion", "completion bash", "completion zsh",
		"completion fish", "completion powershell", "trust " + other, "trust --list", "trust --remove " + other, "__complete get a",
		"daemon", "daemon status", "daemon logs -n 1000", "daemon logs --access -n 1000", "daemon start", "daemon restart",
		"daemon unit systemd", "daemon unit launchd", "totp remove arn:aws:iam::111111111111:mfa/dana",
	} {
		c.note(c.Understudy(strings.Fields(args)...))
	}
	// In the foreground the log is on standard error, whatever there is of it.
	c.verb("daemon", "stop")
	over := make(chan outcome, 1)
	go func() { over <- c.Understudy("daemon", "run") }()
	c.eventually("the daemon runs in the foreground", patience, func() bool { return c.PID() != 0 })
	c.hands(c.Helper("actor"), sessionMark)
	c.verb("forget", "actor")
	c.hands(c.Helper("actor"), sessionMark)
	c.verb("daemon", "stop")
	c.note(<-over)
}

// moves has profiles move in and out, with a backup of either file.
func (c *tour) moves() {
	for _, args := range []string{"adopt --all --dry-run", "adopt plain --yes", "release plain --dry-run", "release plain --yes", "adopt plain --yes"} {
		c.verb(strings.Fields(args)...)
	}
	c.hands(c.Helper("plain"), sessionMark)
}

// keeps takes the plain keys out of the files; from then on the base key is in no
// file either.
func (c *tour) keeps() {
	c.verb("keys", "import", "--all", "--dry-run")
	c.verb("keys", "import", "--all", "--yes")
	if found := c.filesWith(marked); len(found) > 0 {
		c.t.Errorf("after the import: %v", found)
	}
	c.hands(c.Helper("actor"), sessionMark)
	c.verb("keys", "list")
	c.STS.Set(sandbox.Behaviour{SecretMark: "CANARYbase/"})
	c.verb("keys", "rotate", "ada", "--yes")
	c.STS.Set(sandbox.Behaviour{SecretMark: sessionMark})
	c.verb("forget", "actor")
	c.hands(c.Helper("actor"), sessionMark)
	c.piped("AKIACAROLEXAMPLE0\n"+callersSecret+"\n", "keys", "add", "carol", "--yes")
	for _, name := range []string{"ada", "dana", "bob", "carol"} {
		c.verb("keys", "remove", name, "--yes")
	}
	c.note(c.Helper("actor")) // no access key is left to sign with
}

// verbs are those that were run.
func (c *tour) verbs() []string {
	var all []string
	for _, o := range c.said {
		words := strings.Fields(o.Name)
		if words[0] != "understudy" {
			continue
		}
		for i := 2; i <= min(3, len(words)); i++ {
			all = append(all, strings.Join(words[1:i], " "))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// everyVerb lists the verbs by their help, those of a group too.
func (c *tour) everyVerb(group ...string) (all []string) {
	c.t.Helper()
	_, list, _ := strings.Cut(c.Understudy(append(group, "--help")...).Stdout, "Available Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		verb := append(slices.Clone(group), strings.Fields(line)[0])
		all = append(append(all, strings.Join(verb, " ")), c.everyVerb(verb...)...)
	}
	if len(group) == 0 && len(all) < 20 {
		c.t.Errorf("the help names no more than %q", all)
	}
	return all
}
