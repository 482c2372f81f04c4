//go:build linux || darwin

package policy

import (
	"os"
	"os/exec"
	"testing"
)

// asleep starts a program that does nothing and returns its process id.
func asleep(t *testing.T, argv ...string) (pid int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
	if err := cmd.Start(); err != nil {
		t.Skipf("no %s", argv[0])
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd.Process.Pid
}

func TestTheProgramThatRanTheHelperIsNamed(t *testing.T) {
	var p programs
	pid := asleep(t, "sleep", "60")
	self, _ := programOf(os.Getpid())
	for range 2 { // the second from memory
		if by, name := p.of(pid); by != os.Getpid() || name != self || name == "" {
			t.Errorf("%d was started by %d (%q), want %d (%q)", pid, by, name, os.Getpid(), self)
		}
	}
	if known := p.known[os.Getpid()]; known.parent != os.Getppid() {
		t.Errorf("the parent of this process is said to be %d, and is %d", known.parent, os.Getppid())
	}
}

func TestTheShellThatAnSDKPutsInBetweenIsLeftOut(t *testing.T) {
	p := programs{known: map[int]program{}}
	helper := asleep(t, "sleep", "60")
	// As if this process were a shell, which its parent started.
	us := p.lookUp(os.Getpid())
	us.name = "dash"
	p.known[os.Getpid()] = us
	above, _ := programOf(os.Getppid())
	if by, name := p.of(helper); by != os.Getppid() || name != above {
		t.Errorf("started by %d (%q), want %d (%q)", by, name, os.Getppid(), above)
	}
}

func TestAProcessThatIsGoneHasNoParent(t *testing.T) {
	var p programs
	for _, pid := range []int{0, -1, 1 << 30} {
		if by, name := p.of(pid); by != 0 || name != "" {
			t.Errorf("%d: %d (%q)", pid, by, name)
		}
	}
}

func TestWhatIsRememberedOfProgramsIsBounded(t *testing.T) {
	var p programs
	for pid := range 3 * maxPrograms {
		p.lookUp(1<<30 + pid)
	}
	if len(p.known) > maxPrograms {
		t.Errorf("%d programs are remembered", len(p.known))
	}
}
