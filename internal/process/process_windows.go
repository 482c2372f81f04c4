package process

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

// shell hands line to cmd.exe as it stands: what Go would make of it to escape
// it, cmd.exe would not undo.
func shell(ctx context.Context, line string) *exec.Cmd {
	cmd := Command(ctx, system("cmd.exe"))
	cmd.SysProcAttr.CmdLine = `cmd.exe /D /S /C "` + line + `"`
	return cmd
}

// system is a program of Windows itself, wherever PATH leads.
func system(name string) string {
	dir, err := windows.GetSystemDirectory()
	if err != nil {
		return name
	}
	return filepath.Join(dir, name)
}

// Detach starts cmd without a console, and so that a Ctrl-C for this program does not
// reach it.
func Detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW,
	}
}

// KillGroup kills p alone, and returns at once: Windows has no groups to kill.
func KillGroup(p *os.Process) error { return p.Kill() }

// killTree kills p and its children. Windows has no call for that; taskkill goes from
// parent to child, and takes its time.
func killTree(p *os.Process) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = exec.CommandContext(ctx, system("taskkill.exe"), "/F", "/T", "/PID", strconv.Itoa(p.Pid)).Run() // p is killed below
	return p.Kill()
}

// Launch starts a program that may stay as long as it likes. On Windows nobody
// has to wait for its end, so nothing is waited for.
func Launch(_ context.Context, _ time.Duration, env []string, path string, args ...string) error {
	cmd := exec.Command(path, args...)
	cmd.Env = append(environ(os.Environ()), env...)
	Detach(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}
