package testbed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Outcome is the result of one program.
type Outcome struct {
	Name           string
	Status         int // -1: it did not end by itself
	Stdout, Stderr string
	Took           time.Duration
}

func (o Outcome) String() string {
	return fmt.Sprintf("%s: status %d after %v\nstdout: %s\nstderr: %s", o.Name, o.Status, o.Took.Round(time.Millisecond), o.Stdout, o.Stderr)
}

// Start starts a command; the returned function waits for it. Stdout and stderr are
// captured unless cmd redirects them. Took is the program's own time, whenever that
// function is called.
func Start(cmd *exec.Cmd) (wait func() Outcome) {
	var stdout, stderr bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &stdout
	}
	if cmd.Stderr == nil {
		cmd.Stderr = &stderr
	}
	began := time.Now()
	err := cmd.Start()
	var took time.Duration
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err == nil {
			err = cmd.Wait()
		}
		took = time.Since(began)
	}()
	return func() Outcome {
		<-ended
		o := Outcome{
			Name:   strings.Join(append([]string{filepath.Base(cmd.Args[0])}, cmd.Args[1:]...), " "),
			Stdout: stdout.String(), Stderr: stderr.String(),
			Took: took,
		}
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			o.Status = exit.ExitCode()
		} else if err != nil {
			o.Status = -1
			o.Stderr += err.Error()
		}
		return o
	}
}

// Answer is what a helper printed.
type Answer struct {
	Keys
	Raw string // as it was printed
}

// Keys are the session in an answer.
type Keys struct {
	Version                                                           int
	AccessKeyID, SecretAccessKey, SessionToken, Expiration, AccountID string

	Ends time.Time `json:"-"` // Expiration
}

// Served returns the keys that a helper printed, or an error if SDKs would
// not accept them. The error does not contain what was printed.
func (o Outcome) Served() (Answer, error) {
	k := Answer{Raw: o.Stdout}
	if o.Status != 0 || o.Stderr != "" {
		return k, fmt.Errorf("want status 0 and nothing on stderr: status %d after %v: %s", o.Status, o.Took.Round(time.Millisecond), o.Stderr)
	}
	if json.Unmarshal([]byte(o.Stdout), &k.Keys) != nil {
		return k, fmt.Errorf("the answer of %d bytes is not JSON", len(o.Stdout))
	}
	if k.Version != 1 || k.AccessKeyID == "" || k.SecretAccessKey == "" || k.SessionToken == "" {
		return k, errors.New("the answer lacks Version 1 or a key")
	}
	if strings.Count(o.Stdout, "\n") != 1 {
		return k, errors.New("the answer is not one line")
	}
	var err error
	if k.Ends, err = time.Parse("2006-01-02T15:04:05Z", k.Expiration); err != nil {
		return k, fmt.Errorf("the answer's Expiration is %q", k.Expiration)
	}
	return k, nil
}

// Refused returns an error unless the helper ended as it must without a
// session: with nothing on stdout, and on stderr one line with the reason
// and one with a hint.
func (o Outcome) Refused(profile string) error {
	lines := strings.Split(strings.TrimSuffix(o.Stderr, "\n"), "\n")
	said := "understudy: " + profile + ": "
	switch {
	case o.Status == 0:
		return fmt.Errorf("it ended with status 0")
	case o.Stdout != "":
		return fmt.Errorf("status %d, and something stands on stdout", o.Status)
	case len(lines) != 2 || !strings.HasPrefix(lines[0], said) || !strings.HasPrefix(lines[1], "hint: "):
		return fmt.Errorf("status %d, want a reason and a hint: %q", o.Status, o.Stderr)
	case len(lines[0]) <= len(said) || len(lines[1]) <= len("hint: "):
		return fmt.Errorf("status %d, the reason or the hint is empty: %q", o.Status, o.Stderr)
	case strings.HasSuffix(lines[0], "."):
		return fmt.Errorf("the reason ends with a full stop: %q", o.Stderr)
	}
	return nil
}
