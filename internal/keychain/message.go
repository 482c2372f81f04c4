package keychain

import (
	"errors"
	"fmt"
)

// What goes over the worker's pipes, one JSON object a line. Both ends are of
// one build, so there is no version.
type request struct {
	Op     string `json:"op"`
	Key    string `json:"key,omitempty"`
	Value  []byte `json:"value,omitempty"`
	Millis int64  `json:"ms"` // after which nobody waits for the answer
}

type answer struct {
	Code  string `json:"code,omitempty"` // empty: done
	Text  string `json:"text,omitempty"` // what the code does not say; holds no secret
	Value []byte `json:"value,omitempty"`
}

const (
	opGet    = "get"
	opSet    = "set"
	opDelete = "delete"
	opProbe  = "probe"
	opUnlock = "unlock" // the one that may put a prompt on the screen
)

const (
	codeMiss    = "miss"
	codeLocked  = "locked"
	codeAbsent  = "absent"
	codeTimeout = "timeout"
	codeTorn    = "torn"
	codeNewer   = "newer"
	codeLost    = "lost"
	codeGone    = "gone"  // the worker's connection is dead: a fresh worker may do
	codeOther   = "other" // Text says it
)

const (
	maxValue = 256 << 10 // of a value; sessions have 16 KiB at most
	maxLine  = 1 << 20   // of a message: base64 and an item's worth of names
)

var (
	errTooBig = fmt.Errorf("a value of more than %d KiB is not for a keychain", maxValue>>10)
	errGone   = errors.New("the connection to the keychain is dead")
)

// codeOf and errorOf carry an error over the pipe.
func codeOf(err error) (code, text string) {
	for _, c := range codes() {
		if errors.Is(err, c.err) {
			return c.code, err.Error()
		}
	}
	return codeOther, err.Error()
}

func errorOf(a answer) error {
	if a.Code == "" || a.Code == codeMiss {
		return nil
	}
	for _, c := range codes() {
		if c.code == a.Code {
			return &said{a.Text, c.err}
		}
	}
	return errors.New(a.Text)
}

type coded struct {
	code string
	err  error
}

func codes() []coded {
	return []coded{
		{codeGone, errGone}, // first: it may come with another
		{codeLocked, ErrLocked},
		{codeTimeout, ErrTimeout},
		{codeAbsent, ErrAbsent},
		{codeNewer, ErrNewer}, // first: it is an ErrTorn
		{codeTorn, ErrTorn},
		{codeLost, ErrLost},
	}
}

// said is an error in the worker's words that is one of ours.
type said struct {
	text string
	is   error
}

func (e *said) Error() string { return e.text }

func (e *said) Unwrap() error { return e.is }
