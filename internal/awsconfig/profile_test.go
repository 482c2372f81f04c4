package awsconfig

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"understudy/internal/credential"
	"understudy/internal/wire"
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

func TestTheCredentialsFileWinsForTheSameSpelling(t *testing.T) {
	c := read(t, "[profile x]\nregion = config\nunderstudy_mfa_serial = config\n", "[x]\nregion = credentials\nmfa_serial = credentials\n")
	p := profile(t, c, "x")
	for key, want := range map[string]string{"region": "credentials", "mfa_serial": "config", "understudy_mfa_serial": "config"} {
		if v, ok := p.Get(key); !ok || v.Text != want {
			t.Errorf("%s: got %q, %v, want %q", key, v.Text, ok, want)
		}
	}
}

func TestAnEmptyPrefixedKeySwitchesThePlainOneOff(t *testing.T) {
	p := profile(t, read(t, "[profile x]\nrole_arn = r\nunderstudy_role_arn =\n", ""), "x")
	if v, ok := p.Get("role_arn"); !ok || v.Text != "" || v.Line != 3 {
		t.Errorf("got %+v, %v", v, ok)
	}
}

func TestEveryValueHasItsLine(t *testing.T) {
	c := read(t, "# c\n\n[profile x]\n\nregion = a\ns3 =\n  region = b\nmfa_serial = m\n[profile y]\n[profile x]\nregion = c\n", "[x]\n\nexternal_id = e")
	p := profile(t, c, "x")
	for key, want := range map[string]int{"region": 11, "mfa_serial": 8, "external_id": 3} {
		if v, _ := p.Get(key); v.Line != want || !filepath.IsAbs(v.File) || v.At() != at(v.File, want) {
			t.Errorf("%s stands at %s, want line %d", key, v.At(), want)
		}
	}
	if p.At() != at(c.config.path, 3) {
		t.Errorf("the profile stands at %s", p.At())
	}
}

func TestSecretsAreHadThroughKeysAlone(t *testing.T) {
	p := profile(t, read(t, "", "[x]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = made-up\naws_session_token = token\n"), "x")
	for _, key := range []string{"aws_secret_access_key", "AWS_SESSION_TOKEN", "understudy_aws_secret_access_key"} {
		if v, ok := p.Get(key); ok {
			t.Errorf("%s: %q", key, v.Text)
		}
	}
	k, ok, err := p.Keys()
	if err != nil || !ok || k.AccessKeyID != "AKIAIOSFODNN7EXAMPLE" || k.SecretAccessKey.Reveal() != "made-up" || k.SessionToken.Reveal() != "token" {
		t.Errorf("got %v, %v, %v", k, ok, err)
	}
}

func TestHalfAKeyNamesItsLine(t *testing.T) {
	for name, files := range map[string][2]string{
		"id only":         {"", "[x]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"},
		"secret only":     {"", "[x]\naws_secret_access_key = made-up\n"},
		"secret is empty": {"", "[x]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key =\n"},
		"pair elsewhere":  {"[profile x]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = made-up\n", "[x]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"},
	} {
		t.Run(name, func(t *testing.T) {
			c := read(t, files[0], files[1])
			_, ok, err := profile(t, c, "x").Keys()
			f, is := errors.AsType[*credential.Failure](err)
			if ok || !is || f.Code != wire.BadConfig || !strings.Contains(f.Reason, at(c.credentials.path, 2)) || f.Hint == "" {
				t.Errorf("got %v, %#v", ok, err)
			}
		})
	}
}

func TestNoKeyAtAllIsNoError(t *testing.T) {
	p := profile(t, read(t, "[profile x]\nregion = a\n", "[x]\naws_access_key_id =\naws_secret_access_key =\n"), "x")
	if k, ok, err := p.Keys(); ok || err != nil {
		t.Errorf("got %v, %v, %v", k, ok, err)
	}
}

func TestNamesStandInTheOrderOfTheFile(t *testing.T) {
	c := read(t, "[profile b]\n[default]\n[profile a]\n[profile b]\n[services s]\n[c]\n", "[z]\n[a]\n[d]\n")
	if got, want := c.Names(), []string{"b", "default", "a", "z", "d"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSectionsHaveKeysAndBlocks(t *testing.T) {
	c := read(t, "[services s]\nsts =\n  endpoint_url = http://127.0.0.1:1\n  understudy_endpoint_url = http://127.0.0.1:2\n[sso-session o]\nsso_region = r\n", "")
	s, ok := c.Services("s")
	if v, found := s.Nested("STS", "endpoint_url"); !ok || !found || v.Text != "http://127.0.0.1:2" || v.Line != 4 || s.At() != at(c.config.path, 1) {
		t.Errorf("got %+v at %s", v, s.At())
	}
	if _, found := s.Nested("s3", "endpoint_url"); found {
		t.Error("a block that is not there")
	}
	o, ok := c.SSOSession("o")
	if v, found := o.Get("sso_region"); !ok || !found || v.Text != "r" {
		t.Errorf("got %+v", v)
	}
	for _, name := range []string{"o", ""} {
		if _, ok := c.Services(name); ok {
			t.Errorf("services %q", name)
		}
	}
}

func TestAllSaysWhatEachFileSaysAndNoSecret(t *testing.T) {
	c := read(t, "[profile x]\nunderstudy_role_arn = a\nrole_arn = b\n", "[x]\naws_secret_access_key = made-up\nrole_arn = c\n")
	var got []string
	for _, v := range profile(t, c, "x").All() {
		got = append(got, filepath.Base(v.At())+" "+v.Key+"="+v.Text)
	}
	want := []string{"config:2 understudy_role_arn=a", "config:3 role_arn=b", "credentials:2 aws_secret_access_key=[secret]", "credentials:3 role_arn=c"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
