package main

import (
	"flag"
	"fmt"
	"slices"
	"time"

	"understudy/internal/sandbox"
)

// settings is a sandbox.Behaviour as flags and JSON write it, durations as
// "20m10s".
type settings struct {
	fault
	Drip       duration         `json:"drip,omitzero"`
	Lifetime   duration         `json:"lifetime,omitzero"`
	Skew       duration         `json:"skew,omitzero"`
	Window     duration         `json:"window,omitzero"`
	SkewCode   string           `json:"skew_code,omitempty"`
	TokenSize  int              `json:"token_size,omitempty"`
	SecretMark string           `json:"secret_mark,omitempty"`
	Mutate     sandbox.Mutation `json:"mutate,omitempty"`
	WrongCodes int              `json:"wrong_codes,omitempty"`

	Lifetimes map[string]duration `json:"lifetimes,omitempty"` // by action
}

// bind adds a flag for each setting that makes sense from the start.
func (s *settings) bind(f *flag.FlagSet) {
	f.TextVar(&s.Delay, "delay", duration(0), "wait this `long` before every answer")
	f.TextVar(&s.Drip, "drip", duration(0), "wait this `long` between the bytes of an answer")
	f.TextVar(&s.Lifetime, "lifetime", duration(0), "issue sessions of this `life`, whatever was asked")
	f.TextVar(&s.Skew, "skew", duration(0), "run the clock this `far` ahead of the machine's (negative: behind)")
	f.TextVar(&s.Window, "window", duration(0), "how `far` off a signature's time may be; 0s means 15m")
	f.IntVar(&s.TokenSize, "token-size", 0, "`characters` of a session token; 0 means about 360")
	f.StringVar(&s.SecretMark, "mark", "", "`text` that every secret and token contains")
	f.IntVar(&s.Status, "status", 0, "answer with this HTTP `status` and an error")
	f.BoolVar(&s.Silent, "silent", false, "take calls and never answer")
	f.IntVar(&s.WrongCodes, "wrong-codes", 0, "`how` many MFA codes are wrong from the start")
}

// behaviour checks s and turns it into what the sandbox knows.
func (s settings) behaviour() (sandbox.Behaviour, error) {
	switch {
	case s.Status != 0 && (s.Status < 200 || s.Status > 599):
		return sandbox.Behaviour{}, fmt.Errorf("status %d is none that ends a call", s.Status)
	case s.Mutate != "" && !slices.Contains(sandbox.Mutations(), s.Mutate):
		return sandbox.Behaviour{}, fmt.Errorf("no mutation %q, only %v", s.Mutate, sandbox.Mutations())
	case s.TokenSize < 0 || s.TokenSize > 1<<20:
		return sandbox.Behaviour{}, fmt.Errorf("token size %d is not between 0 and 1048576", s.TokenSize)
	}
	b := sandbox.Behaviour{
		Drip: time.Duration(s.Drip), Lifetime: time.Duration(s.Lifetime),
		Skew: time.Duration(s.Skew), Window: time.Duration(s.Window), SkewCode: s.SkewCode,
		TokenSize: s.TokenSize, SecretMark: s.SecretMark,
		Fault: s.steer(), Mutate: s.Mutate, WrongCodes: s.WrongCodes,
	}
	b.Lifetimes = make(map[string]time.Duration, len(s.Lifetimes))
	for action, life := range s.Lifetimes {
		b.Lifetimes[action] = time.Duration(life)
	}
	return b, nil
}

// duration is a time.Duration that is text in flags and JSON.
type duration time.Duration

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = duration(v)
	return err
}
