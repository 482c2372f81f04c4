package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// mostExposed is what the unit scores, from 0 to 10. systemd scores it as if it
// were root's: half of what remains are capabilities that a user's unit has none
// of, and the network.
const mostExposed = 5.4

// unitFile writes the unit to where systemd-analyze reads it, and returns the
// command for that.
func unitFile(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no systemd-analyze; scripts/setup.sh gets one")
		}
		t.Skip("no systemd-analyze; scripts/setup.sh gets one")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := unit("systemd", self)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "understudy.service")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "systemd-analyze", append(args, path)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "LC_ALL=C", "NO_COLOR=1", "SYSTEMD_PAGER=cat"}
	return cmd
}

func TestSystemdUnderstandsEveryLineOfTheUnit(t *testing.T) {
	if out, err := unitFile(t, "verify", "--user", "--man=no").CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}

func TestTheUnitsSandboxScoresAsPromised(t *testing.T) {
	out, err := unitFile(t, "security", "--offline=true", "--no-pager").CombinedOutput()
	found := regexp.MustCompile(`Overall exposure level for understudy\.service: ([0-9.]+) `).FindSubmatch(out)
	if err != nil || found == nil {
		t.Fatalf("%v: %s", err, out)
	}
	score, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil || score > mostExposed {
		t.Errorf("exposure %s, want at most %v", found[1], mostExposed)
	}
	for _, held := range []string{"NoNewPrivileges=", "ProtectSystem=", "PrivateTmp=", "LockPersonality=", "RestrictNamespaces=~user", "SystemCallFilter=~@debug", "SystemCallFilter=~@mount"} {
		if !regexp.MustCompile(`(?m)^(✓|\+) ` + regexp.QuoteMeta(held)).Match(out) {
			t.Errorf("%s is not held", held)
		}
	}
}

// systemd-analyze scores neither of these.
func TestTheUnitKeepsSecretsFromCoresAndSwap(t *testing.T) {
	for _, line := range []string{"LimitCORE=0", "MemorySwapMax=0", "UMask=0077"} {
		if !strings.Contains(systemdUnit, "\n"+line+"\n") {
			t.Errorf("no %s", line)
		}
	}
}
