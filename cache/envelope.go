package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// envelope is the format of everything that the cache stores: the kind and the version
// of the body, a checksum over all three, and the body. The envelope itself never
// changes, so that every build can tell a newer version from damage.
type envelope struct {
	Kind    string          `json:"understudy"` // "session ID" or "index"
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

// unseal returns the body of the envelope in b. Its errors repeat nothing of b.
func unseal(kind string, b []byte) ([]byte, error) {
	var e envelope
	if err := json.Unmarshal(b, &e); err != nil {
		return nil, errDamaged // not err, which quotes its input
	}
	switch {
	case e.Kind != "" && e.Version > version:
		return nil, fmt.Errorf("%w: version %d, this one reads %d", errNewer, e.Version, version)
	case e.Kind != kind || e.Version != version || e.Sum != sum(kind, e.Body):
		return nil, errDamaged
	}
	return e.Body, nil
}

// sum returns the checksum over the kind, the version, and the body as compact JSON,
// which is how Marshal embeds it.
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
