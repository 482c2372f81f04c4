package awsconfig

import (
	"os"
	"path/filepath"
	"testing"
)

// write puts both files into a folder of the test's own.
func write(t *testing.T, config, credentials string) Files {
	t.Helper()
	dir := t.TempDir()
	f := Files{Config: filepath.Join(dir, "config"), Credentials: filepath.Join(dir, "credentials")}
	for path, content := range map[string]string{f.Config: config, f.Credentials: credentials} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func read(t *testing.T, config, credentials string) *Config {
	t.Helper()
	var r Reader
	c, err := r.Read(t.Context(), write(t, config, credentials))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func profile(t *testing.T, c *Config, name string) *Profile {
	t.Helper()
	p, ok := c.Profile(name)
	if !ok {
		t.Fatalf("no profile %q among %q: %v", name, c.Names(), c.Explain(name))
	}
	return p
}

func TestAPrefixedKeyWinsOverThePlainOne(t *testing.T) {
	c := read(t, "[profile x]\nrole_arn = plain\nUNDERSTUDY_Role_ARN = prefixed\n", "[x]\nrole_arn = credentials\n")
	v, ok := profile(t, c, "x").Get("role_arn")
	if !ok || v.Text != "prefixed" || v.Key != "UNDERSTUDY_Role_ARN" || v.Line != 3 {
		t.Errorf("got %+v, %v", v, ok)
	}
}
