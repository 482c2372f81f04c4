package main

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestAProcessIsSeenToSleepAndToHaveMemory(t *testing.T) {
	if n, err := resident(os.Getpid()); err != nil || n < 1<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
	if kernelVersion() == "" || loadAverage() == "" {
		t.Error("nothing is known of the machine")
	}
	// One that sleeps for good is woken by nobody.
	cmd := exec.CommandContext(t.Context(), "sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Skip("no sleep")
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
	}()
	before, err := switches(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	// It is at rest once nothing is seen for a while; starting takes a moment.
	for range 50 {
		seen, err := watch(t.Context(), cmd.Process.Pid, 300*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if seen.wakeups == 0 {
			break
		}
	}
	if seen, err := watch(t.Context(), cmd.Process.Pid, 300*time.Millisecond); err != nil || seen != (idleness{}) {
		t.Errorf("a program asleep is seen to do %+v, %v", seen, err)
	}
	if after, err := switches(os.Getpid()); err != nil || after <= before {
		t.Errorf("this process slept %d times before and %d after, %v", before, after, err)
	}
	if _, err := switches(1 << 30); err == nil {
		t.Error("a process that is not there was counted")
	}
}
