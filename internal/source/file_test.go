package source

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"

	"understudy/internal/awsconfig"
)

// A daemon that was started with a relative HOME must not read below its working folder.
func TestATildeIsTheHomeOfThePasswordDatabaseIfHOMEIsRelative(t *testing.T) {
	u, err := user.LookupId(strconv.Itoa(os.Getuid()))
	if err != nil || !filepath.IsAbs(u.HomeDir) {
		t.Skip("the password database names no home folder")
	}
	for home, want := range map[string]string{
		"/home/alice": "/home/alice/ca.pem",
		"relative":    filepath.Join(u.HomeDir, "ca.pem"),
		"":            filepath.Join(u.HomeDir, "ca.pem"),
	} {
		t.Setenv("HOME", home)
		if got, err := absolute(awsconfig.Value{Text: "~/ca.pem"}); got != want || err != nil {
			t.Errorf("HOME=%q: %q, %v; want %q", home, got, err, want)
		}
	}
}
