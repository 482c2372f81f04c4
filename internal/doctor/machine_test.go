package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"understudy/internal/credential"
	"understudy/internal/source"
	"understudy/internal/status"
	"understudy/internal/wire"
)

func TestTheMachineIsFoundOut(t *testing.T) {
	no := &credential.Failure{Code: wire.NoDaemon, Reason: "the daemon did not answer in time", Hint: "if it stays, run: understudy daemon restart"}
	for name, c := range map[string]struct {
		change func(*patient)
		want   []string
	}{
		"settings": {func(p *patient) {
			p.Machine.Settings = &credential.Failure{Reason: `/x/config:2: the key "x" is not known`, Hint: "mend it"}
		}, []string{"error settings config:2"}},
		"a foreign folder":    {func(p *patient) { p.Machine.Place, p.Machine.Daemon = no, nil }, []string{"error socket run understudy daemon restart"}},
		"a silent daemon":     {func(p *patient) { p.Machine.Unreached, p.Machine.Daemon = no, nil }, []string{"error daemon run understudy daemon restart"}},
		"no daemon":           {func(p *patient) { p.Machine.Daemon = nil }, []string{"note daemon run understudy daemon start"}},
		"an old daemon":       {func(p *patient) { p.Machine.Daemon.Version = "0" }, []string{"warning daemon-version run understudy daemon restart"}},
		"another's socket":    {func(p *patient) { p.files["/run/socket"] = File{Mode: fs.ModeSocket | 0o600, Modes: true} }, []string{"error socket socket:0"}},
		"an open socket":      {func(p *patient) { p.files["/run/socket"] = File{Mode: fs.ModeSocket | 0o666, Mine: true, Modes: true} }, []string{"warning socket socket:0 run understudy daemon restart"}},
		"a file for a socket": {func(p *patient) { p.files["/run/socket"] = File{Mode: 0o600, Mine: true, Modes: true} }, []string{"error socket socket:0 run understudy daemon restart"}},
		"an open state":       {func(p *patient) { p.files["/state"] = File{Mode: fs.ModeDir | 0o755, Mine: true, Modes: true} }, []string{"warning state-folder state:0 run chmod 700 /state"}},
		"a shut state":        {func(p *patient) { p.files["/state"] = File{Mode: fs.ModeDir | 0o500, Mine: true, Modes: true} }, []string{"warning state-folder state:0 run chmod 700 /state"}},
		"another's state":     {func(p *patient) { p.files["/state"] = File{Mode: fs.ModeDir | 0o700, Modes: true} }, []string{"warning state-folder state:0"}},
		"a file for a state":  {func(p *patient) { p.files["/state"] = File{Mode: 0o600, Mine: true, Modes: true} }, []string{"warning state-folder state:0"}},
		"no state yet":        {func(p *patient) { delete(p.files, "/state") }, nil},
		"no owners here": {func(p *patient) {
			for path := range p.files {
				p.files[path] = File{Mode: p.files[path].Mode | 0o777, Mine: true}
			}
		}, nil},
		"files that nobody trusts": {func(p *patient) {
			p.Machine.Untrusted = &credential.Failure{Reason: "the file /x is not trusted", Hint: "if it is yours: understudy trust /x"}
		}, []string{"error untrusted run understudy trust /x"}},
		"memory": {func(p *patient) {
			p.Machine.Daemon.Store, p.Machine.Keychain = "memory", Keychain{Mode: "auto", Absent: true}
		}, []string{"note store"}},
		"memory by choice":  {func(p *patient) { p.Machine.Daemon.Store, p.Machine.Keychain = "memory", Keychain{Mode: "memory"} }, []string{"note store"}},
		"no keychain":       {func(p *patient) { p.Machine.Daemon, p.Machine.Keychain = nil, Keychain{Mode: "auto", Absent: true} }, []string{"note daemon run understudy daemon start", "note keychain"}},
		"no keychain, told": {func(p *patient) { p.Machine.Keychain = Keychain{Mode: "keychain", Absent: true} }, []string{"error keychain"}},
		"locked":            {func(p *patient) { p.Machine.Keychain = Keychain{Mode: "auto", Locked: true} }, []string{"warning keychain"}},
		"slow":              {func(p *patient) { p.Machine.Keychain.Reading = 600 * time.Millisecond }, []string{"warning keychain"}},
		"a minute off":      {func(p *patient) { p.Machine.STS[0].Skew = -time.Minute }, nil},
		"two minutes off":   {func(p *patient) { p.Machine.STS[0].Skew = -2 * time.Minute }, []string{"warning clock"}},
		"six minutes off":   {func(p *patient) { p.Machine.STS = append(p.Machine.STS, source.Clock{Skew: 6 * time.Minute}) }, []string{"error clock"}},
		"STS out of reach":  {func(p *patient) { p.Machine.STS[0].Err = errors.New("gone") }, []string{"warning clock run understudy daemon logs"}},
		"out of reach, and off when the daemon asked": {func(p *patient) {
			p.Machine.STS[0].Err, p.Machine.Daemon.ClockSkewS = errors.New("gone"), 400
		}, []string{"error clock", "warning clock run understudy daemon logs"}},
		"no STS, and off when the daemon asked": {func(p *patient) {
			p.Machine.STS, p.Machine.Daemon = nil, &status.Daemon{Version: "1", Store: "keychain", ClockSkewS: 70}
		}, []string{"warning clock"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPatient(t, good, base)
			c.change(p)
			p.expect(t, c.want...)
		})
	}
}

func TestTheFilesModesAreLookedAt(t *testing.T) {
	own, ownRead := File{Mode: 0o600, Mine: true, Modes: true}, File{Mode: 0o644, Mine: true, Modes: true}
	for name, c := range map[string]struct {
		config, credentials File
		want                []string
	}{
		"keys to read":             {ownRead, ownRead, []string{"warning credentials 0"}},
		"for a group to write":     {File{Mode: 0o620, Mine: true, Modes: true}, own, []string{"warning config 0"}},
		"for everybody to write":   {File{Mode: 0o602, Mine: true, Modes: true}, own, []string{"error config 0"}},
		"another's":                {File{Mode: 0o600, Modes: true}, own, []string{"error config 0"}},
		"where modes mean nothing": {File{Mode: 0o666, Mine: true}, File{Mode: 0o666, Mine: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPatient(t, good, base)
			p.files[p.Facts.Files.Config], p.files[p.Facts.Files.Credentials] = c.config, c.credentials
			var got []string
			for _, f := range Examine(&p.Facts) {
				if f.Check == "file-mode" {
					got = append(got, fmt.Sprintf("%s %s %d", f.Severity, filepath.Base(f.File), f.Line))
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
	p := newPatient(t, good, base)
	p.files[filepath.Dir(p.Facts.Files.Config)] = File{Mode: fs.ModeDir | 0o777, Mine: true, Modes: true}
	if found := Examine(&p.Facts); len(found) != 2 || found[0].Check != "file-mode" || found[0].Severity != Error || !found[0].Run {
		t.Errorf("of an open folder: %+v", found)
	}
}

func TestTheEnvironmentIsLookedAtWhereItMatters(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"keys":         {map[string]string{"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}, []string{"error env-keys run unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"}},
		"half a key":   {map[string]string{"AWS_ACCESS_KEY_ID": "x"}, []string{"error env-keys run unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"}},
		"a token":      {map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "/x"}, []string{"error env-web-identity run unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN"}},
		"two profiles": {map[string]string{"AWS_PROFILE": "prod", "AWS_DEFAULT_PROFILE": "base"}, []string{"error env-profile run unset AWS_DEFAULT_PROFILE"}},
		"one twice":    {map[string]string{"AWS_PROFILE": "prod", "AWS_DEFAULT_PROFILE": "prod"}, nil},
		"unknown":      {map[string]string{"AWS_PROFILE": "nope"}, []string{"error env-profile"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPatient(t, good, base)
			p.env = c.env
			p.expect(t, c.want...)
		})
	}
	p := newPatient(t, "[profile x]\nregion = x\n", base)
	p.env = map[string]string{"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_WEB_IDENTITY_TOKEN_FILE": "/x"}
	p.expect(t)
}
