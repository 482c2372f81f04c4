package lockdown

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The test binary plays two other processes: a target that holds a secret, and
// a prober of the same user that is after it.
const envRole = "UNDERSTUDY_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(envRole) {
	case "locked":
		if err := Apply(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		beTarget()
	case "open":
		// Where Yama lets only parents trace, so that nothing but Apply is
		// between the two; it does not exist everywhere.
		_ = unix.Prctl(unix.PR_SET_PTRACER, ^uintptr(0), 0, 0, 0)
		beTarget()
	case "prober":
		probeAll(os.Args[1], os.Args[2])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// play starts this binary in a role, as an ordinary user where root runs the
// test: root is refused nothing.
func play(t *testing.T, role string, args ...string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...) // its own folder may be shut to others
	cmd.Env = append(os.Environ(), envRole+"="+role, "GORACE=atexit_sleep_ms=0")
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	return cmd, bufio.NewReader(out)
}

// target starts a target and returns its process id, where its secret is, and
// what it says of itself.
func target(t *testing.T, role string) (pid, address, says string) {
	t.Helper()
	cmd, out := play(t, role)
	line, err := out.ReadString('\n')
	if err != nil {
		t.Fatalf("%s: %q, %v", role, line, err)
	}
	address, says, _ = strings.Cut(strings.TrimSpace(line), " ")
	return strconv.Itoa(cmd.Process.Pid), address, says
}

// probe lets another process try each way in and returns what each came to.
func probe(t *testing.T, pid, address string) map[string]string {
	t.Helper()
	_, out := play(t, "prober", pid, address)
	got := map[string]string{}
	for {
		line, err := out.ReadString('\n')
		if err != nil {
			break
		}
		name, result, _ := strings.Cut(strings.TrimSpace(line), ": ")
		got[name] = result
	}
	if len(got) != len(ways) {
		t.Fatalf("%d of %d ways were tried: %v", len(got), len(ways), got)
	}
	return got
}

func TestApplyMakesTheProcessNotDumpableAndForbidsCores(t *testing.T) {
	_, _, says := target(t, "locked")
	if says != "dumpable 0 core 0 of 0" {
		t.Errorf("the process says: %s", says)
	}
}

func TestAnotherProcessOfTheUserIsRefusedEveryWayIn(t *testing.T) {
	pid, address, _ := target(t, "locked")
	refusals := []string{unix.EACCES.Error(), unix.EPERM.Error()}
	for name, result := range probe(t, pid, address) {
		if !slices.Contains(refusals, result) {
			t.Errorf("%s: %s", name, result)
		}
	}
}

// Without this the test above would pass on a prober that knocks at no door.
func TestWithoutApplyTheSameProcessGetsIn(t *testing.T) {
	pid, address, _ := target(t, "open")
	got := probe(t, pid, address)
	for _, name := range []string{"mem", "maps", "environ", "fd", "exe"} {
		if got[name] != granted {
			t.Errorf("%s: %s", name, got[name])
		}
	}
	for _, name := range []string{"ptrace", "process_vm_readv", "pidfd_getfd"} {
		if got[name] != granted {
			t.Logf("%s is refused to everybody here (%s), so its refusal proves nothing", name, got[name])
		}
	}
}
