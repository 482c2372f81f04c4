//go:build linux

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"understudy/internal/canary"
	"understudy/internal/keychain"
	"understudy/internal/sandbox"
	"understudy/internal/sandbox/identitycenter"
)

// portal is a world whose profiles are those of an IAM Identity Center.
type portal struct {
	*world
	center *identitycenter.Server
}

const signInQuestion = "sign in to " + identitycenter.StartURL

// newPortal plugs in the profiles dev, of the role Admin, and read, of Reader.
func newPortal(t *testing.T, w *world) *portal {
	t.Helper()
	p := &portal{world: w, center: identitycenter.New(sandbox.New())}
	h := httptest.NewServer(p.center)
	t.Cleanup(func() {
		p.center.Set(identitycenter.Behaviour{})
		h.Close()
	})
	p.Write(".aws/config", fmt.Sprintf(`
[sso-session corp]
sso_start_url = %[1]s
sso_region = %[2]s

[services corp]
sso =
  endpoint_url = %[3]s
sso_oidc =
  endpoint_url = %[3]s
`, identitycenter.StartURL, identitycenter.Region, h.URL)+p.profile("dev", "Admin")+p.profile("read", "Reader"))
	return p
}

func (p *portal) profile(name, role string) string {
	return fmt.Sprintf(`
[profile %[1]s]
region = eu-west-1
services = corp
credential_process = %[2]s %[1]s
understudy_sso_session = corp
understudy_sso_account_id = 123456789012
understudy_sso_role_name = %[3]s
`, name, helperPath(), role)
}

// withBrowser gives the world a browser, a program that notes what it is to open.
func (p *portal) withBrowser() *portal {
	p.t.Helper()
	path := filepath.Join(p.Dir, "browser")
	script := fmt.Sprintf("#!/bin/sh\nprintf '%%s\\n' \"$1\" >> '%s/opened'\n", p.Dir)
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		p.t.Fatal(err)
	}
	p.Vars["BROWSER"] = path
	return p
}

// opened is every page that the browser was told to open.
func (p *portal) opened() []string {
	b, _ := os.ReadFile(filepath.Join(p.Dir, "opened")) // none before the first
	return strings.Fields(string(b))
}

// browse does what a person does: it waits for the tab, and lets it go where it
// is sent. It returns the page that it ends on.
func (p *portal) browse() string {
	p.t.Helper()
	p.eventually("a tab is opened", patience, func() bool { return len(p.opened()) > 0 })
	resp, err := http.Get(p.opened()[0])
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

// kept waits until the keychain has the session, and the sign-in: neither waits
// for the other.
func (p *portal) kept() {
	p.t.Helper()
	p.eventually("the session is in the keychain", patience, func() bool { return p.status().Sessions[0].Stored })
	k := keychain.New(keychain.Config{Command: []string{filepath.Join(bin, "understudy"), "keychain-worker"}, Env: p.Env()})
	defer k.Close()
	items := keychain.Collection{Store: k, Kind: "sso:all", Prefix: "sso:"}
	p.eventually("the sign-in is in the keychain", patience, func() bool {
		names, err := items.Names(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		for _, name := range names {
			if item, _, err := items.Get(p.t.Context(), name); err == nil && strings.Contains(item.Reveal(), `"token":`) {
				return true
			}
		}
		return false
	})
}

func (p *portal) count(op string, want int) {
	p.t.Helper()
	if n := p.center.Count(op); n != want {
		p.t.Errorf("%s was called %d times, want %d", op, n, want)
	}
}

func TestFiftyHelpersOpenOneTabAndTheSignInSurvivesTheDaemon(t *testing.T) {
	p := newPortal(t, newWorld(t).withKeyring()).withBrowser()
	var wait sync.WaitGroup
	outcomes := make([]outcome, 50)
	for i := range outcomes {
		if i%2 == 0 {
			wait.Go(func() { outcomes[i] = p.runWith(noTerminal, helperPath(), "dev") })
			continue
		}
		tty := p.atTerminal(helperPath(), "dev")
		wait.Go(func() { outcomes[i] = tty.wait() })
	}
	if page := p.browse(); !strings.Contains(page, "You are signed in") || !strings.Contains(page, "You can close this tab") {
		t.Errorf("the browser ends on:\n%s", page)
	}
	wait.Wait()
	first := p.served(outcomes[0])
	for _, o := range outcomes {
		if p.served(o).Raw != first.Raw {
			t.Errorf("another session: %v", o)
		}
	}
	if n := len(p.opened()); n != 1 {
		t.Errorf("%d tabs were opened", n)
	}
	p.count("RegisterClient", 1)
	p.count("CreateToken", 1)
	p.count("GetRoleCredentials", 1)

	p.kept()
	p.Kill()
	p.served(p.runWith(noTerminal, helperPath(), "read")) // another role of the same sign-in
	if n := len(p.opened()); n != 1 {
		t.Errorf("%d tabs were opened after the daemon was killed", n-1)
	}
	p.count("CreateToken", 1)
}

var userCode = regexp.MustCompile(`compare the code: (\S+)`)

// confirm waits until a terminal shows a code, and says yes to it.
func (p *portal) confirm(tty *terminal) {
	p.t.Helper()
	tty.await("compare the code: ")
	var code string
	p.eventually("the code is shown whole", patience, func() bool {
		tty.mu.Lock()
		defer tty.mu.Unlock()
		found := userCode.FindStringSubmatch(tty.screen.String())
		if found == nil || !strings.Contains(tty.screen.String()[strings.Index(tty.screen.String(), found[0]):], "\n") {
			return false
		}
		code = found[1]
		return true
	})
	if !p.center.Answer(code, true) {
		p.t.Fatalf("the code %q is not known", code)
	}
}

func TestWithoutABrowserTheTerminalShowsACode(t *testing.T) {
	t.Parallel()
	p := newPortal(t, newWorld(t))
	tty := p.atTerminal(helperPath(), "dev")
	tty.await(signInQuestion)
	p.confirm(tty)
	p.served(tty.wait())
	p.served(p.runWith(noTerminal, helperPath(), "read"))
	p.count("StartDeviceAuthorization", 1)
}

func TestWithNobodyThereTheHelperSaysHowToSignIn(t *testing.T) {
	t.Parallel()
	p := newPortal(t, newWorld(t))
	o := p.quick(p.runWith(noTerminal, helperPath(), "dev"), 4*time.Second)
	p.refused(o, 3, "dev")
	if !strings.Contains(o.Stderr, signInQuestion) || !strings.Contains(o.Stderr, "hint: in a terminal, run: understudy login dev") {
		t.Errorf("%v", o)
	}
	p.count("CreateToken", 0)
	tty := p.atTerminal(filepath.Join(bin, "understudy"), "login", "dev")
	p.confirm(tty)
	if o := tty.wait(); o.Status != 0 || !strings.HasPrefix(o.Stdout, "dev: ready until ") {
		t.Errorf("%v", o)
	}
	p.served(p.runWith(noTerminal, helperPath(), "dev"))
}

func TestLoginDeviceTakesTheTabsPlace(t *testing.T) {
	t.Parallel()
	p := newPortal(t, newWorld(t)).withBrowser()
	waiting := make(chan outcome, 1)
	go func() { waiting <- p.runWith(noTerminal, helperPath(), "dev") }()
	p.eventually("a tab is opened", patience, func() bool { return len(p.opened()) > 0 })
	tty := p.atTerminal(filepath.Join(bin, "understudy"), "login", "--device", "dev")
	p.confirm(tty)
	if o := tty.wait(); o.Status != 0 {
		t.Errorf("%v", o)
	}
	p.served(<-waiting)
	if n := len(p.opened()); n != 1 {
		t.Errorf("%d tabs were opened", n)
	}
}

func TestATokenOfTheAWSCLIIsUsedWhenItIsThere(t *testing.T) {
	t.Parallel()
	p := newPortal(t, newWorld(t))
	name, content := p.center.SignIn().CacheFile("corp")
	p.Write(".aws/sso/cache/"+name, string(content))
	p.served(p.runWith(noTerminal, helperPath(), "dev"))
	p.count("CreateToken", 0)
	if now, err := os.ReadFile(filepath.Join(p.Home, ".aws/sso/cache", name)); err != nil || string(now) != string(content) {
		t.Errorf("the CLI's file was changed: %v", err)
	}
}

func TestTheSecretsOfASignInAreInNoFileAndOnNoScreen(t *testing.T) {
	t.Parallel()
	const mark = "MARKEDSECRET"
	p := newPortal(t, newWorld(t).withKeyring()).withBrowser()
	p.center.Set(identitycenter.Behaviour{SecretMark: mark})
	tty := p.atTerminal(filepath.Join(bin, "understudy"), "login", "dev")
	page := p.browse()
	o := tty.wait()
	if o.Status != 0 {
		t.Fatal(o)
	}
	p.served(p.Helper("dev"))
	if !strings.Contains(p.center.SignIn().AccessToken.Reveal(), mark) {
		t.Fatal("the tokens hold no mark: the test sees nothing")
	}
	tty.mu.Lock()
	screen := tty.screen.String()
	tty.mu.Unlock()
	for where, text := range map[string]string{"the screen": screen, "login's output": o.Stdout + o.Stderr, "the page": page, "the address": strings.Join(p.opened(), " ")} {
		if strings.Contains(text, mark) {
			t.Errorf("a secret is in %s:\n%s", where, text)
		}
	}
	p.end()
	if found := p.filesWith(canary.Secrets{"token": mark}); len(found) != 0 {
		t.Errorf("a secret is in %v", found)
	}
}

func TestForgettingAllEndsTheSignInHere(t *testing.T) {
	t.Parallel()
	p := newPortal(t, newWorld(t).withKeyring()).withBrowser()
	waiting := make(chan outcome, 1)
	go func() { waiting <- p.runWith(noTerminal, helperPath(), "dev") }()
	p.browse()
	p.served(<-waiting)
	if o := p.Understudy("forget", "--all"); o.Status != 0 {
		t.Fatal(o)
	}
	go func() { waiting <- p.runWith(noTerminal, helperPath(), "dev") }()
	p.eventually("another tab is opened", patience, func() bool { return len(p.opened()) == 2 })
	p.center.Set(identitycenter.Behaviour{Page: identitycenter.Denies})
	resp, err := http.Get(p.opened()[1])
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	p.refused(<-waiting, 3, "dev")
}
