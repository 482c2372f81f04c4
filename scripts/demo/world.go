package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"understudy/internal/keychain/keyringtest"
	"understudy/internal/sandbox"
	"understudy/internal/testbed"
)

const account = "arn:aws:iam::123456789012:role/"

// world is a user with a keychain, if gnome-keyring is installed, and an STS that
// knows a few roles.
type world struct {
	*testbed.World
	keyring bool
}

func newWorld(p *testbed.Program, bin string) *world {
	w := &world{World: testbed.New(p, p.TempDir(), bin)}
	w.Limit = 20 * time.Second
	w.StartSTS()
	p.Cleanup(func() { w.Halt() })
	err := p.Try(func() { w.On(keyringtest.Start(p).Bus) })
	if _, missing := errors.AsType[testbed.Missing](err); err != nil && !missing {
		p.Fatal(err)
	}
	w.keyring = err == nil
	alice := sandbox.Example()
	for _, r := range []sandbox.Role{
		{ARN: account + "Admin", Trusts: []string{alice.ARN()}},
		{ARN: account + "Partner", Trusts: []string{alice.ARN()}, ExternalID: "example-external-id"},
		{ARN: account + "Billing", Trusts: []string{alice.ARN()}, RequireMFA: true},
		{ARN: account + "Audit", Trusts: []string{alice.ARN()}, RequireMFA: true},
		{ARN: account + "Closed", Trusts: []string{"arn:aws:iam::111111111111:user/bob"}},
	} {
		w.STS.AddRole(r)
	}
	// A command gives the code in place of the user, and records each question.
	device := []string{"understudy_mfa_serial = " + alice.MFASerial, "understudy_mfa_process = echo asked >>" + w.asked() + "; echo 123456"}
	w.Write(".aws/config", w.profile("demo", "Admin")+
		w.profile("partner", "Partner", "understudy_external_id = example-external-id")+
		w.profile("closed", "Closed")+
		w.profile("billing", "Billing", device...)+w.profile("audit", "Audit", device...))
	return w
}

func (w *world) profile(name, role string, lines ...string) string {
	return testbed.Role(name, account+role, w.URL, append(lines, w.Process(name))...)
}

func (w *world) asked() string { return filepath.Join(w.Dir, "asked") }

// helper runs the helper and returns what it printed and how long it took.
func (w *world) helper(profile string) (testbed.Answer, time.Duration, error) {
	o := w.Helper(profile)
	answer, err := o.Served()
	return answer, o.Took, err
}

// assumed counts the calls of AssumeRole for a role so far.
func (w *world) assumed(role string) (n int) {
	for _, c := range w.STS.Calls() {
		if c.Op == "AssumeRole" && c.Params["RoleArn"] == account+role {
			n++
		}
	}
	return n
}

// kept waits until the profile's session is in the keychain, which is written
// behind the answer, and returns the daemon's process. Without a keychain there
// is nothing to wait for.
func (w *world) kept(profile string) (pid int, err error) {
	if !testbed.Within(w.Limit, func() bool {
		var s testbed.Status
		s, err = w.Status()
		pid = s.Daemon.PID
		return err != nil || pid == 0 || !w.keyring || s.Session(profile).Stored
	}) {
		err = fmt.Errorf("the session is not in the keychain within %v", w.Limit)
	}
	if err == nil && pid == 0 {
		err = errors.New("no daemon is running")
	}
	return pid, err
}
