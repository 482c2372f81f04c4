package main

import (
	"context"
	"os"
	"strings"
	"time"

	"understudy/internal/launch"
	"understudy/internal/text"
)

const watchEvery = 2 * time.Second

// Escape sequences: a screen of its own leaves what stood on the terminal
// untouched and comes off again whole.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l" // alternate screen, no cursor, no wrapping
	leaveScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	toTop       = "\x1b[H"
	clearLine   = "\x1b[K" // the rest of it
	clearBelow  = "\x1b[J"
)

// watch draws the status until ctx ends, which is how it is meant to end.
func (a *app) watch(ctx context.Context) error {
	s := screenOf(a.out, os.Getenv)
	if !s.terminal || os.Getenv("TERM") == "dumb" {
		return misused("--watch draws on a terminal, and standard output is none that can be drawn on", "understudy status")
	}
	enableEscapes(a.out.(*os.File))
	if err := a.write([]byte(enterScreen)); err != nil {
		return err
	}
	defer a.write([]byte(leaveScreen))
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		// A daemon that does not answer must not hold Ctrl-C up. The look that is
		// left behind ends at its deadline, or with the process.
		seen := make(chan func(screen) string, 1)
		go func() { seen <- picture() }()
		select {
		case <-ctx.Done():
			return nil
		case draw := <-seen:
			// The size is asked for each time: windows are resized.
			if err := a.write([]byte(frame(draw, screenOf(a.out, os.Getenv)))); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// picture is what there is to see now. A daemon that is gone or silent is a
// part of it: it may be back at the next look.
func picture() func(screen) string {
	var now overview
	r, err := askStatus()
	if err == nil {
		now, err = r.read()
	}
	return func(s screen) string {
		if err != nil {
			e := launch.Explain(err)
			return text.Line(e.Message) + "\nhint: " + text.Line(e.Hint) + "\n"
		}
		return table(now, time.Now(), s)
	}
}

// frame is one screenful: each line is cleared behind its end in place of the
// whole screen before, which would flicker. Lines that the screen has no place
// for are left out, since they would scroll it.
func frame(draw func(screen) string, s screen) string {
	foot := "every 2 s; Ctrl-C ends"
	lines := strings.Split(strings.TrimSuffix(draw(s), "\n"), "\n")
	if most := s.height - 2; s.height > 0 && len(lines) > most {
		lines = lines[:max(most, 0)]
		foot = "more than fits here; " + foot
	}
	lines = append(lines, "", s.paint(foot, dim))
	return toTop + strings.Join(lines, clearLine+"\n") + clearLine + clearBelow
}
