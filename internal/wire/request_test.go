package wire

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

func FuzzRequest(f *testing.F) {
	f.Add("credentials", "prod", "/home/a/.aws/config", "/home/a/.aws/credentials", false, false, false, 0)
	f.Add("credentials", "prod", "/c", "/d", false, true, false, 0)
	f.Add("forget", "", "", "", true, false, true, 0)
	f.Add("status", "", "", "", false, false, false, 1<<40)
	f.Add("", `"},{"`, "/\n", "\\", true, false, false, -1)
	f.Fuzz(func(t *testing.T, op, profile, config, credentials string, person, login, all bool, skip int) {
		for _, s := range []string{op, profile, config, credentials} {
			if !utf8.ValidString(s) {
				return
			}
		}
		r := Request{Op: Op(op), Profile: profile, ConfigFile: config, CredentialsFile: credentials, Person: person, Login: login, Device: login, All: all, Skip: max(skip, 0)}
		line := r.Append(nil)
		if n := bytes.IndexByte(line, '\n'); n != len(line)-1 {
			t.Fatalf("%q is not one line", line)
		}
		var read Request
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&read); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		r.V = Version
		if read != r {
			t.Errorf("wrote %+v, read %+v", r, read)
		}
	})
}

func TestARequestIsWrittenToTheLetter(t *testing.T) {
	for want, r := range map[string]Request{
		`{"v":1,"op":"credentials","profile":"prod","config_file":"/c","credentials_file":"/d"}`: {Op: Credentials, Profile: "prod", ConfigFile: "/c", CredentialsFile: "/d"},
		`{"v":1,"op":"credentials","profile":"p","person":true}`:                                 {Op: Credentials, Profile: "p", Person: true},
		`{"v":1,"op":"credentials","profile":"p","login":true,"device":true}`:                    {Op: Credentials, Profile: "p", Login: true, Device: true},
		`{"v":1,"op":"status"}`:            {Op: Status},
		`{"v":1,"op":"status","skip":7}`:   {Op: Status, Skip: 7},
		`{"v":1,"op":"forget","all":true}`: {Op: Forget, All: true},
		`{"v":1,"op":"stop"}`:              {Op: Stop},
	} {
		if got := string(r.Append(nil)); got != want+"\n" {
			t.Errorf("wrote %s, want %s", got, want)
		}
	}
}
