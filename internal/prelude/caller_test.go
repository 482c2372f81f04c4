//go:build linux && (amd64 || arm64)

package prelude

import (
	"os"
	"strings"
	"testing"
	"unsafe"

	"understudy/internal/place"
	"understudy/internal/wire"
)

// process is the stack of a new process as the kernel lays it out.
func process(args, env []string) unsafe.Pointer {
	words := []unsafe.Pointer{nil}
	for _, list := range [][]string{args, env} {
		for _, s := range list {
			b := append([]byte(s), 0)
			words = append(words, unsafe.Pointer(&b[0]))
		}
		words = append(words, nil)
	}
	*(*int)(unsafe.Pointer(&words[0])) = len(args)
	return unsafe.Pointer(&words[0])
}

func TestOneProfileIsReadAsTheHelperReadsIt(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string // "" leaves the call to main
	}{
		"a name":                  {[]string{"prod"}, "prod"},
		"a name with a space":     {[]string{"my prod"}, "my prod"},
		"--profile name":          {[]string{"--profile", "prod"}, "prod"},
		"--profile=name":          {[]string{"--profile=prod"}, "prod"},
		"a name like an option":   {[]string{"--profile", "--odd"}, "--odd"},
		"none":                    {nil, ""},
		"an empty name":           {[]string{""}, ""},
		"a dash":                  {[]string{"-"}, ""},
		"--help":                  {[]string{"--help"}, ""},
		"--version":               {[]string{"--version"}, ""},
		"--profile alone":         {[]string{"--profile"}, ""},
		"--profile=":              {[]string{"--profile="}, ""},
		"--profile and empty":     {[]string{"--profile", ""}, ""},
		"two names":               {[]string{"prod", "dev"}, ""},
		"three words":             {[]string{"--profile", "prod", "dev"}, ""},
		"a quote":                 {[]string{`a"b`}, ""},
		"a backslash":             {[]string{`a\b`}, ""},
		"a line":                  {[]string{"a\nb"}, ""},
		"what is no ASCII":        {[]string{"é"}, ""},
		"the last of the ASCII's": {[]string{"a\x7fb"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got caller
			ok := got.look(process(append([]string{"helper"}, c.args...), []string{"HOME=/home/alice"}))
			if ok != (c.want != "") || ok && got.profile != c.want {
				t.Errorf("%v, profile %q; want %q", ok, got.profile, c.want)
			}
		})
	}
}

func TestTheFirstOfTwoVariablesCounts(t *testing.T) {
	var c caller
	if !c.look(process([]string{"helper", "p"}, []string{"HOMER=/x", "HOME=/home/alice", "HOME=/home/bob", "AWS_CONFIG_FILE=", "AWS_CONFIG_FILE=/x"})) {
		t.Fatal("the call is left to main")
	}
	if c.home.value != "/home/alice" || c.config.value != "" {
		t.Errorf("home %q, configuration %q", c.home.value, c.config.value)
	}
	if new(caller).look(process([]string{"helper", "p"}, []string{"HOMER=/x"})) {
		t.Error("a call without a home is taken")
	}
}

func TestAPathIsTakenOnlyWhenItNeedsNoCleaning(t *testing.T) {
	for path, want := range map[string]bool{
		"/a": true, "/a/b": true, "/a/.b/..c/d..": true, "/a b": true,
		"": false, "/": false, "a": false, "~/a": false, "/a/": false, "//a": false, "/a//b": false,
		"/.": false, "/a/.": false, "/./a": false, "/a/..": false, "/../a": false, "/a/../b": false,
		`/a"b`: false, "/é": false,
	} {
		if got := exact(path); got != want {
			t.Errorf("exact(%q) = %v", path, got)
		}
	}
}

// Where the prelude takes a call, the helper without one would have asked the
// same at the same place, and would have been content with the folder.
func FuzzACallIsTakenOnlyToBeMadeAsTheHelperMakesIt(f *testing.F) {
	dir := f.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		f.Fatal(err)
	}
	f.Add("prod", "/home/alice", dir+"/socket", "", "")
	f.Add("my prod", dir, "", "/etc/aws/config", "/etc/aws/credentials")
	f.Add("p", "/home/alice/", dir+"/../socket", "~/config", "credentials")
	f.Add(`"`, "relative", "/socket", "/a//b", "/é")
	f.Add("p", "/h", dir+"/"+strings.Repeat("s", 99-len(dir)-1), "", "")
	f.Fuzz(func(t *testing.T, profile, home, socket, config, credentials string) {
		var env []string
		for name, value := range map[string]string{
			"HOME": home, "UNDERSTUDY_SOCKET": socket, "AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": credentials,
		} {
			if strings.Contains(profile+value, "\x00") {
				t.Skip("no kernel takes it")
			}
			t.Setenv(name, value)
			env = append(env, name+"="+value)
		}
		var got trip
		if !got.look(process([]string{"helper", profile}, env)) || !got.find() {
			return
		}
		path, err := place.SocketPath()
		if err != nil || path != string(got.to.path[:got.length]) {
			t.Errorf("the socket is %q; want %q, %v", got.to.path[:got.length], path, err)
		}
		if err := place.CheckDir(path); err != nil {
			t.Errorf("its folder is taken: %v", err)
		}
		r := wire.Request{Op: wire.Credentials, Profile: profile}
		if r.ConfigFile, r.CredentialsFile, _, err = place.AWSFiles(); err != nil {
			t.Errorf("the files: %v", err)
		}
		n, ok := got.compose()
		if line := string(r.Append(nil)); ok && string(got.buf[:n]) != line || !ok && len(line) < len(got.buf) {
			t.Errorf("asks %q, want %q", got.buf[:n], line)
		}
	})
}
