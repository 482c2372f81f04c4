package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// Everything that outlives the process is one envelope: the version of what is
// in it, a checksum over that and its kind, and the thing itself. The envelope
// stays as it is for ever, so that each build can tell a newer version from
// damage.
type envelope struct {
	Kind    string          `json:"understudy"` // "session ID" or "index": what is another's is foreign
	Version int             `json:"version"`
	Sum     string          `json:"sum"`
	Body    json.RawMessage `json:"body"`
}

const version = 1

var (
	errDamaged = errors.New("damaged, or not understudy's")
	errNewer   = errors.New("written by a newer version")
)

// seal puts body, which is JSON, into an envelope.
func seal(kind string, body []byte) ([]byte, error) {
	return json.Marshal(envelope{Kind: kind, Version: version, Sum: sum(kind, body), Body: body})
}

// unseal returns the body of the envelope in b, or an error that says what is
// wrong with it, and nothing of what is in it.
func unseal(kind string, b []byte) ([]byte, error) {
	var e envelope
	if err := json.Unmarshal(b, &e); err != nil {
		return nil, errDamaged // the inner text quotes what it read
	}
	switch {
	case e.Kind != "" && e.Version > version:
		return nil, fmt.Errorf("%w: version %d, this one reads %d", errNewer, e.Version, version)
	case e.Kind != kind || e.Version != version || e.Sum != sum(kind, e.Body):
		return nil, errDamaged
	}
	return e.Body, nil
}

// sum is over the kind and the version too, and over the body as compact JSON:
// that is how Marshal embeds it.
func sum(kind string, body []byte) string {
	var compact bytes.Buffer
	if json.Compact(&compact, body) != nil {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%d\n", kind, version)
	h.Write(compact.Bytes())
	return hex.EncodeToString(h.Sum(nil))
}
