package socket

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// maxProfile bounds a profile's name, in bytes.
const maxProfile = 256

// parseRequest parses a line. It rejects unknown fields and operations by name, so that
// no request of a newer client is served without a restriction that it asks for.
func (p *paths) parseRequest(line []byte) (wire.Request, error) {
	if r, ok := p.plain(line); ok {
		return r, checkParts(r)
	}
	return decodeRequest(line)
}

func decodeRequest(line []byte) (wire.Request, error) {
	var r wire.Request
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	err := d.Decode(&r)
	if err == nil {
		_, err = d.Token()
		if err == io.EOF && r.V == wire.Version {
			return r, checkRequest(r)
		}
	}
	return wire.Request{}, misread(line, err)
}

// misread returns the error for a malformed request. It checks the version first,
// because a client of another version needs another hint.
func misread(line []byte, err error) error {
	var version struct {
		V *int `json:"v"`
	}
	if err := json.Unmarshal(line, &version); err != nil {
		return usage("the request is not JSON as this version speaks it", "the other program may be of another version")
	}
	if version.V == nil || *version.V != wire.Version {
		return &credential.Failure{Code: wire.NoDaemon,
			Reason: fmt.Sprintf("the daemon speaks version %d of the protocol, the caller another", wire.Version),
			Hint:   "run: understudy daemon restart"}
	}
	return usage("the request: "+strings.TrimPrefix(err.Error(), "json: "), "run: understudy daemon restart")
}

func checkRequest(r wire.Request) error {
	for _, f := range []struct{ name, value string }{
		{"op", string(r.Op)}, {"profile", r.Profile},
		{"config_file", r.ConfigFile}, {"credentials_file", r.CredentialsFile},
	} {
		if controls(f.value) {
			return usage(fmt.Sprintf("the request's %s holds a control character", f.name), "write it without")
		}
	}
	return checkParts(r)
}

// checkParts is checkRequest for a request without control characters.
func checkParts(r wire.Request) error {
	switch r.Op {
	case wire.Credentials:
		if r.Profile == "" {
			return usage("the request names no profile", "name one")
		}
		if r.Device && !r.Login {
			return usage("the request's device goes with login", "send both")
		}
		if len(r.Profile) > maxProfile {
			return usage(fmt.Sprintf("the profile's name is longer than %d bytes", maxProfile), "give it a shorter name")
		}
		for _, path := range []string{r.ConfigFile, r.CredentialsFile} {
			if !filepath.IsAbs(path) {
				return usage(fmt.Sprintf("the request's file %q is not an absolute path", path), "send where the caller's files are")
			}
		}
	case wire.Forget:
		if (r.Profile == "") != r.All {
			return usage("forget takes a profile or all", "name one of the two")
		}
	case wire.Status, wire.Approve, wire.Stop:
	default:
		return usage(fmt.Sprintf("the daemon does not know op %q", string(r.Op)), "run: understudy daemon restart")
	}
	return nil
}

// controls reports whether s has characters that text.Line would replace, or the
// replacement character, which stands for invalid UTF-8.
func controls(s string) bool { return text.Line(s) != s || strings.ContainsRune(s, utf8.RuneError) }

func usage(reason, hint string) *credential.Failure {
	return &credential.Failure{Code: wire.Usage, Reason: reason, Hint: hint}
}
