package main

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"understudy/internal/credential"
	"understudy/internal/longkeys"
	"understudy/internal/sandbox"
)

// Calls of AWS in a rotation: list, create, four proofs, deactivate, delete.
const callsOfARotation = 8

func TestARotationThatIsKilledAtAnyCallEndsWellWhenRunAgain(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("after it took effect %v", after), func(t *testing.T) {
			t.Parallel()
			p := newKeysPlace(t)
			p.addAlice()
			last := aliceKey()
			for n := 1; n <= callsOfARotation; n++ {
				if !p.rotateAndDie(n, after) {
					t.Fatalf("call %d: it was not killed", n)
				}
				p.serves("admin") // with the key that is kept, whichever that is
				p.must("", "keys", "rotate", "base", "--yes")
				left := p.aws.Keys(sandbox.Example().ARN())
				if len(left) != 1 || !left[0].Active || left[0].ID == last {
					t.Fatalf("call %d: left %+v", n, left)
				}
				last = left[0].ID
				if out, _ := p.must("", "keys", "list"); !strings.Contains(out, last) || strings.Count(out, "\n") != 2 {
					t.Errorf("call %d: %s", n, out)
				}
				p.serves("admin")
			}
			if status, _, _ := p.run("", "keys", "rotate", "base", "--yes"); status != 0 || p.rotateAndDie(callsOfARotation+1, after) {
				t.Error("there are more calls than were looked at")
			}
		})
	}
}

// rotateAndDie runs a rotation and kills it at its n-th call, before that takes
// effect or after; it reports whether that came to pass.
func (p *keysPlace) rotateAndDie(n int, after bool) bool {
	p.t.Helper()
	cmd := p.command(p.t.Context(), "", "keys", "rotate", "base", "--yes")
	started := make(chan struct{})
	var seen atomic.Int32
	kill := func(string) {
		if <-started; int(seen.Add(1)) == n {
			cmd.Process.Kill()
		}
	}
	p.mu.Lock()
	if p.before = kill; after {
		p.before, p.after = nil, kill
	}
	p.mu.Unlock()
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	close(started)
	cmd.Wait()
	p.mu.Lock()
	p.before, p.after = nil, nil
	p.mu.Unlock()
	return cmd.ProcessState.ExitCode() == -1
}

func (p *keysPlace) addAlice() {
	p.t.Helper()
	p.must(aliceKey()+"\n"+canarySecret+"\n", "keys", "add", "base", "--yes")
}

// The code comes from a seed, so that nobody sits there; a person would be asked
// at this terminal.
func TestAnIAMThatWantsMFAIsServedWithASessionOfTheDaemons(t *testing.T) {
	t.Parallel()
	p := newKeysPlace(t)
	alice := sandbox.Example()
	alice.Secret, alice.TOTPSeed = credential.NewSecret(canarySecret), credential.NewSecret(madeUpSeed)
	p.aws.AddUser(alice)
	p.aws.Set(sandbox.Behaviour{SecretMark: "CANARY", DenyKeys: sandbox.DenyKeys{Action: "*", WithoutMFA: true}})
	p.addAlice()
	status, _, said := p.run("", "keys", "rotate", "base", "--yes")
	if status != 4 || !strings.Contains(said, "iam:CreateAccessKey") || !strings.Contains(said, "understudy_mfa_serial") {
		t.Errorf("without a device: %d\n%s", status, said)
	}
	p.write("config", strings.Replace(p.read("config"), "[profile base]\n", "[profile base]\nunderstudy_mfa_serial = "+aliceDevice+"\nunderstudy_totp = keychain\n", 1))
	p.must(madeUpSeed, "totp", "add", aliceDevice)
	_, said = p.must("", "keys", "rotate", "base", "--yes")
	left := p.aws.Keys(alice.ARN())
	if len(left) != 1 || left[0].ID == aliceKey() {
		t.Errorf("left: %+v\n%s", left, said)
	}
	if n := p.aws.Count("GetSessionToken"); n != 1 {
		t.Errorf("%d codes were used", n)
	}
}

func TestARawKeyIsHandedOutAsItIs(t *testing.T) {
	t.Parallel()
	p := newKeysPlace(t)
	p.addAlice()
	p.write("config", strings.Replace(p.read("config"), "[profile base]\n", "[profile base]\nunderstudy_raw = yes\n", 1))
	out, _ := p.must("", "get", "base")
	if !strings.Contains(out, `"AccessKeyId":"`+aliceKey()+`","SecretAccessKey":"`+canarySecret+`","Expiration":`) || strings.Contains(out, "SessionToken") {
		t.Errorf("get: %s", out)
	}
	out, _ = p.must("", "get", "base", "--format", "env")
	if !strings.Contains(out, "unset AWS_SESSION_TOKEN\n") || !strings.Contains(out, "export AWS_SECRET_ACCESS_KEY="+canarySecret) {
		t.Errorf("env: %s", out)
	}
	p.serves("admin")
	p.must("", "daemon", "stop")
	if found := p.spilled(); len(found) != 0 {
		t.Errorf("the secret stands in %q", found)
	}
}

func TestOneAtATimeChangesKeys(t *testing.T) {
	t.Parallel()
	p := newKeysPlace(t)
	p.addAlice()
	unlock, err := longkeys.Lock(p.ring.Dir + "/.local/state/understudy")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	for _, args := range [][]string{{"keys", "rotate", "base", "--yes"}, {"keys", "remove", "base", "--yes"}} {
		status, _, said := p.run("", args...)
		if status != 6 || !strings.Contains(said, "another understudy changes keys at this moment") {
			t.Errorf("%v: %d\n%s", args, status, said)
		}
	}
}

// The keychain is locked with nobody to open it: what needs the key says so, what
// is ready is served.
func TestALockedKeychainIsSaidAndStopsNothingElse(t *testing.T) {
	t.Parallel()
	p := newKeysPlace(t)
	p.addAlice()
	ready := p.serves("admin")
	p.ring.KillService()
	p.ring.StartService(false)
	if p.serves("admin") != ready {
		t.Error("the session in memory is not served")
	}
	status, _, said := p.run("", "get", "base")
	if status != 3 || !strings.Contains(said, `keys of "base": the keychain is locked`) || !strings.Contains(said, "hint: unlock the keychain, then try again") {
		t.Errorf("a new session: %d\n%s", status, said)
	}
}
