//go:build linux || darwin

package launch

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"understudy/internal/place"
	"understudy/internal/wire"
)

func TestTheProgramBesideThisOneComesBeforePATH(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	bin, elsewhere := t.TempDir(), t.TempDir()
	helper := filepath.Join(bin, "understudy-credentials")
	if err := os.WriteFile(helper, b, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "helper")
	if err := os.Symlink(helper, link); err != nil {
		t.Fatal(err)
	}
	// Without one beside it, the one on PATH; a link counts for what it names.
	for _, want := range []string{filepath.Join(elsewhere, binaryName), filepath.Join(bin, binaryName)} {
		if err := os.WriteFile(want, []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, exe := range []string{helper, link} {
			cmd := exec.Command(exe)
			cmd.Env = append(os.Environ(), "PATH=relative:"+elsewhere, envFake+"=which", "GORACE=atexit_sleep_ms=0")
			if got, err := cmd.Output(); err != nil || string(got) != want+" <nil>\n" {
				t.Errorf("%s would start %q, %v; want %s", exe, got, err, want)
			}
		}
	}
}

func TestEnvironDropsTheCallersAndHandsTheBundleOver(t *testing.T) {
	t.Chdir("/usr")
	for name, c := range map[string]struct{ env, want []string }{
		"empty":                {nil, nil},
		"plain":                {[]string{"HOME=/h", "DISPLAY=:0"}, []string{"HOME=/h", "DISPLAY=:0"}},
		"AWS":                  {[]string{"AWS_PROFILE=p", "aws_region=r", "AWSOME=1", "X=AWS_Y=1"}, []string{"AWSOME=1", "X=AWS_Y=1"}},
		"bundle":               {[]string{"AWS_CA_BUNDLE=/ca.pem"}, []string{"UNDERSTUDY_CA_BUNDLE=/ca.pem"}},
		"relative bundle":      {[]string{"AWS_CA_BUNDLE=../ca.pem"}, []string{"UNDERSTUDY_CA_BUNDLE=/ca.pem"}},
		"empty bundle":         {[]string{"AWS_CA_BUNDLE="}, nil},
		"ours before theirs":   {[]string{"AWS_CA_BUNDLE=/theirs", "UNDERSTUDY_CA_BUNDLE=/ours"}, []string{"UNDERSTUDY_CA_BUNDLE=/ours"}},
		"an empty one of ours": {[]string{"UNDERSTUDY_CA_BUNDLE=", "AWS_CA_BUNDLE=/theirs"}, []string{"UNDERSTUDY_CA_BUNDLE=/theirs"}},
		"a container's role": {[]string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/1", "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://localhost/", "AWS_CONTAINER_AUTHORIZATION_TOKEN=t"},
			[]string{"UNDERSTUDY_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/1", "UNDERSTUDY_CONTAINER_CREDENTIALS_FULL_URI=http://localhost/", "UNDERSTUDY_CONTAINER_AUTHORIZATION_TOKEN=t"}},
		"the file of its token":   {[]string{"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=token"}, []string{"UNDERSTUDY_CONTAINER_AUTHORIZATION_TOKEN_FILE=/usr/token"}},
		"what is no variable too": {[]string{"odd", "="}, []string{"odd", "="}},
	} {
		t.Run(name, func(t *testing.T) {
			before := slices.Clone(c.env)
			if got := environ(c.env); !slices.Equal(got, c.want) {
				t.Errorf("%q becomes %q, want %q", c.env, got, c.want)
			}
			if !slices.Equal(before, c.env) {
				t.Error("the caller's slice was changed")
			}
		})
	}
}

func TestEveryErrorHasWordsAndAHint(t *testing.T) {
	refusal := &wire.Error{Code: wire.Denied, Message: "no", Hint: "ask"}
	for name, c := range map[string]struct {
		err  error
		hint string
	}{
		"no program":    {errNoBinary, "same folder"},
		"foreign":       {fmt.Errorf("/x: %w", place.ErrForeign), "chmod 700"},
		"silent":        {wire.ErrSilent, "understudy daemon restart"},
		"busy":          {wire.ErrBusy, "understudy daemon restart"},
		"no permission": {&os.PathError{Op: "mkdir", Path: "/x", Err: os.ErrPermission}, "UNDERSTUDY_SOCKET"},
		"anything":      {errors.New("odd"), "understudy daemon run"},
	} {
		if e := Explain(c.err); e.Code != wire.NoDaemon || e.Message != c.err.Error() || !strings.Contains(e.Hint, c.hint) {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if e := Explain(fmt.Errorf("asked: %w", refusal)); e != refusal {
		t.Errorf("a refusal becomes %+v", e)
	}
}
