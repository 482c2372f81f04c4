// Package canary looks for marked secrets where none may be. It serves tests
// alone.
package canary

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// formsOf returns the forms in which text may appear in an output: as it is,
// escaped, in hexadecimal, in base64 at any offset, and as the words of memory
// that a Go program prints when it crashes.
func formsOf(text string) []string {
	raw := []byte(text)
	quoted, _ := json.Marshal(text) // of a string, which is always possible
	forms := []string{
		text,
		string(quoted[1 : len(quoted)-1]),
		strings.Trim(fmt.Sprintf("%q", text), `"`),
		url.QueryEscape(text), url.PathEscape(text),
		hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)),
		fmt.Sprintf("% x", raw), strings.Trim(fmt.Sprint(raw), "[]"),
		strings.Join(strings.Fields(strings.Trim(fmt.Sprint(raw), "[]")), ","),
	}
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			forms = append(forms, inside(enc, before, raw))
		}
	}
	for i := 0; i < 8 && i+16 <= len(raw); i++ {
		forms = append(forms, fmt.Sprintf("0x%x", binary.LittleEndian.Uint64(raw[i:])))
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// inside is what stands for raw in the encoding of something that has so many
// bytes, and whole groups of three, before it.
func inside(enc *base64.Encoding, before int, raw []byte) string {
	all := enc.EncodeToString(append(make([]byte, before), raw...))
	first := (before*8 + 5) / 6         // characters that hold bits of what is before
	last := (before + len(raw)) * 8 / 6 // and those that would of what is behind
	return all[first:last]
}

// Secrets are marked ones by what they are.
type Secrets map[string]string

// In returns those that stand in text in whatever form, sorted.
func (s Secrets) In(text string) (found []string) {
	for name, secret := range s {
		if slices.ContainsFunc(formsOf(secret), func(form string) bool { return strings.Contains(text, form) }) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}
