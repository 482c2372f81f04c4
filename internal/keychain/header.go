package keychain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// The item under a key starts with one line that describes the value:
//
//	understudy-item 1 PARTS SIDE LENGTH SHA256
//
// With PARTS 0 the value follows in the same item. Else it lies in PARTS items
// of their own, on the side a or b, and nothing follows. The checksum is over
// key and value: what belongs to another key is foreign.
type header struct {
	parts  int
	side   string // "a" or "b": the items that the next write of the key leaves alone
	length int
	sum    string
}

const (
	itemMagic   = "understudy-item "
	itemVersion = 1
	maxParts    = 1024
)

func describe(key, value, side string, parts int) header {
	return header{parts: parts, side: side, length: len(value), sum: sum(key, value)}
}

func sum(key, value string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d:%s%s", len(key), key, value)
	return hex.EncodeToString(h.Sum(nil))
}

func (h header) String() string {
	return fmt.Sprintf("%s%d %d %s %d %s\n", itemMagic, itemVersion, h.parts, h.side, h.length, h.sum)
}

// fits reports whether value is the one that h describes for key.
func (h header) fits(key, value string) bool {
	return len(value) == h.length && sum(key, value) == h.sum
}

// parseItem splits an item into its header and what follows it. Every error is an
// ErrTorn; that of a newer version's item is an ErrNewer.
func parseItem(item string) (h header, rest string, err error) {
	line, ours := strings.CutPrefix(item, itemMagic)
	if !ours {
		return h, "", fmt.Errorf("%w: it is not understudy's", ErrTorn)
	}
	line, rest, whole := strings.Cut(line, "\n")
	f := strings.Split(line, " ")
	if v, err := strconv.Atoi(f[0]); err == nil && v > itemVersion {
		return h, "", fmt.Errorf("%w: version %d, this one reads %d", ErrNewer, v, itemVersion)
	} else if err != nil || v != itemVersion {
		return h, "", fmt.Errorf("%w: it is of another version", ErrTorn)
	}
	if !whole || len(f) != 5 {
		return h, "", fmt.Errorf("%w: its first line is cut", ErrTorn)
	}
	h = header{side: f[2], sum: f[4]}
	var bad [2]error
	h.parts, bad[0] = strconv.Atoi(f[1])
	h.length, bad[1] = strconv.Atoi(f[3])
	if bad[0] != nil || bad[1] != nil || h.parts < 0 || h.parts > maxParts ||
		h.length < 0 || h.length > maxValue || (h.side != "a" && h.side != "b") {
		return header{}, "", fmt.Errorf("%w: its first line is damaged", ErrTorn)
	}
	if h.parts > 0 && rest != "" {
		return header{}, "", fmt.Errorf("%w: something follows its first line", ErrTorn)
	}
	return h, rest, nil
}
