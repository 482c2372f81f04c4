package main

import (
	"context"
	"os"
	"strings"
	"unicode/utf8"

	fzf "github.com/junegunn/fzf/src"
	"golang.org/x/term"

	"understudy/internal/text"
	"understudy/internal/wire"
)

// choice is one line of the picker.
type choice struct{ name, about string }

// canPick reports whether a person is at both ends: a script that lacks an
// argument is to be told so, and not to wait.
func (a *app) canPick() bool {
	in, ok := a.in.(*os.File)
	kind := os.Getenv("TERM")
	return ok && term.IsTerminal(int(in.Fd())) && screenOf(a.out, os.Getenv).terminal && kind != "" && kind != "dumb"
}

// pickStatus is how a program ends that Ctrl-C ended, as a shell tells it.
const pickStatus = 130

// pick lets a person choose one of choices; ok is false when she chose none, and
// the exit status is set.
func (a *app) pick(verb string, choices []choice) (name string, ok bool, err error) {
	lines := make(map[string]string, len(choices)) // to the names
	widest := 0
	for _, c := range choices {
		widest = max(widest, utf8.RuneCountInString(text.Line(c.name)))
	}
	in, out := make(chan string, len(choices)), make(chan string, 1)
	for _, c := range choices {
		shown := text.Line(c.name)
		line := strings.TrimRight(shown+strings.Repeat(" ", widest-utf8.RuneCountInString(shown)+2)+text.Line(c.about), " ")
		lines[line] = c.name
		in <- line
	}
	close(in)
	s := screenOf(a.out, os.Getenv)
	// Without the defaults: FZF_DEFAULT_OPTS may bind a key to any command.
	options, err := fzf.ParseOptions(false, pickOptions(verb, s))
	if err != nil {
		return "", false, notPicked(err)
	}
	options.Input, options.Output = in, out
	code, err := fzf.Run(options)
	switch code {
	case fzf.ExitOk:
		return lines[<-out], true, nil
	case fzf.ExitNoMatch:
		return "", false, misused("no profile was chosen", "understudy "+verb+" prod")
	case fzf.ExitInterrupt:
		a.status = pickStatus
		return "", false, nil
	}
	return "", false, notPicked(err)
}

func pickOptions(verb string, s screen) []string {
	options := []string{"--height=~50%", "--min-height=8", "--layout=reverse", "--info=inline", "--no-mouse", "--cycle", "--prompt=" + verb + "> "}
	if !s.colour {
		options = append(options, "--no-color")
	}
	if !s.unicode {
		options = append(options, "--no-unicode")
	}
	return options
}

func notPicked(err error) error {
	why := "the picker does not work at this terminal"
	if err != nil {
		why += ": " + err.Error()
	}
	return &wire.Error{Code: wire.Usage, Message: why, Hint: "name the profile; understudy list shows them"}
}

// profileOf is the profile that the arguments of a verb name, or that a person
// picks where they name none; ok is false when she picked none.
func (a *app) profileOf(ctx context.Context, verb string, args []string) (name string, ok bool, err error) {
	args, ok, err = a.profilesOf(ctx, verb, args, func(listed) bool { return true })
	if err == nil && ok && (len(args) == 0 || args[0] == "") {
		err = misused(verb+" needs the name of a profile", "understudy "+verb+" prod")
	}
	if err != nil || !ok {
		return "", false, err
	}
	return args[0], true, nil
}

// profilesOf are the arguments of a verb, or, where there are none, the profile
// that a person picks of those that fit; ok is false when she picked none.
// Without a person or a profile that fits there are still none.
func (a *app) profilesOf(ctx context.Context, verb string, args []string, fits func(listed) bool) (names []string, ok bool, err error) {
	if len(args) > 0 || !a.canPick() {
		return args, true, nil
	}
	v, err := a.openView(ctx)
	if err != nil {
		return nil, false, err
	}
	defer v.close()
	if v.broken != nil {
		return nil, false, v.broken
	}
	var choices []choice
	for _, name := range v.config.Names() {
		if l, ok := v.row(name); ok && fits(l) {
			choices = append(choices, choice{name, strings.Trim(l.Source+", "+l.Region, ", ")})
		}
	}
	if len(choices) == 0 {
		return nil, true, nil
	}
	name, ok, err := a.pick(verb, choices)
	return []string{name}, ok, err
}
