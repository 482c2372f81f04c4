package launch

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"understudy/internal/wire"
)

// start runs the daemon detached and returns when it listens. The daemon keeps
// its standard error, a pipe of ours, until then: what it says there is why it
// could not start, and its end is the sign to go on.
func (l Launcher) start(deadline time.Time) error {
	exe, err := daemonBinary()
	if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		w.Close()
		return err
	}
	defer null.Close()
	argv := []string{exe, "daemon", "run", "--detached"}
	if l.ConfigFile != "" {
		argv = append(argv, "--config-file="+l.ConfigFile)
	}
	if l.CredentialsFile != "" {
		argv = append(argv, "--credentials-file="+l.CredentialsFile)
	}
	keepFiles()
	p, err := os.StartProcess(exe, argv, &os.ProcAttr{
		Dir:   root(exe),
		Env:   environ(os.Environ()),
		Files: []*os.File{null, null, w},
		Sys:   detached(),
	})
	w.Close()
	if err != nil {
		return fmt.Errorf("start the daemon: %w", err)
	}
	defer p.Release()
	r.SetReadDeadline(deadline)
	said, err := io.ReadAll(io.LimitReader(r, 4096))
	if text := strings.TrimSpace(string(said)); text != "" && !l.answers(deadline) {
		return whyNot(text)
	}
	if err != nil {
		return fmt.Errorf("the daemon did not start in time")
	}
	return nil
}

// answers reports whether a daemon is there all the same: what stood on its
// standard error may have been the runtime's (GODEBUG) or a library's.
func (l Launcher) answers(deadline time.Time) bool {
	conn, err := l.Dial(time.Until(deadline))
	if err == nil {
		conn.Close()
	}
	return err == nil
}

// whyNot makes an error of the two lines that a daemon that cannot start leaves
// on its standard error: the reason and the hint.
func whyNot(text string) error {
	reason, rest, _ := strings.Cut(text, "\n")
	reason = "the daemon did not start: " + strings.TrimPrefix(reason, "understudy: ")
	for line := range strings.Lines(rest) {
		if hint, ok := strings.CutPrefix(line, "hint: "); ok {
			return &wire.Error{Code: wire.NoDaemon, Message: reason, Hint: strings.TrimSpace(hint)}
		}
	}
	return errors.New(reason)
}

func root(exe string) string { return filepath.VolumeName(exe) + string(filepath.Separator) }

// errNoBinary means that no program was found to start as the daemon.
var errNoBinary = errors.New("the understudy program is neither next to this one nor on PATH")

// daemonBinary is the understudy beside this program, else the one on PATH.
func daemonBinary() (string, error) {
	var dirs []string
	if self, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Dir(self))
	}
	dirs = append(dirs, filepath.SplitList(os.Getenv("PATH"))...)
	for _, dir := range dirs {
		path := filepath.Join(dir, binaryName)
		// A relative PATH entry would run whatever the working folder holds.
		if filepath.IsAbs(dir) && isProgram(path) {
			return path, nil
		}
	}
	return "", errNoBinary
}

// handedOver are the caller's AWS settings that the daemon gets all the same,
// each under its name with UNDERSTUDY_ for AWS_. They describe not the caller but
// the network, or the container, that the daemon shares with it.
const handedOver = `CA_BUNDLE
	CONTAINER_CREDENTIALS_RELATIVE_URI CONTAINER_CREDENTIALS_FULL_URI
	CONTAINER_AUTHORIZATION_TOKEN CONTAINER_AUTHORIZATION_TOKEN_FILE`

// environ returns env for the daemon: without the caller's AWS settings, which
// only the caller uses, except those in handedOver. A setting that env already
// has under its UNDERSTUDY_ name overrides the caller's.
func environ(env []string) []string {
	names := strings.Fields(handedOver)
	given := make(map[string]string)
	kept := make([]string, 0, len(env))
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		name = strings.ToUpper(name)
		ours, isOurs := strings.CutPrefix(name, "UNDERSTUDY_")
		if strings.HasPrefix(name, "AWS_") || isOurs && slices.Contains(names, ours) {
			given[name] = value
			continue
		}
		kept = append(kept, kv)
	}
	for _, name := range names {
		value := cmp.Or(given["UNDERSTUDY_"+name], given["AWS_"+name])
		if value == "" {
			continue
		}
		if strings.HasSuffix(name, "_BUNDLE") || strings.HasSuffix(name, "_FILE") {
			if abs, err := filepath.Abs(value); err == nil { // the daemon runs in another folder
				value = abs
			}
		}
		kept = append(kept, "UNDERSTUDY_"+name+"="+value)
	}
	return kept
}
