package main

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// everyVerb is c and all below it that is ours: of cobra's own, the manual has
// completion as one and leaves help out.
func everyVerb(c *cobra.Command) []*cobra.Command {
	verbs := []*cobra.Command{c}
	for _, below := range c.Commands() {
		if below.Name() != "help" && below.Name() != "completion" {
			verbs = append(verbs, everyVerb(below)...)
		}
	}
	return verbs
}

func TestEveryVerbHasHelpThatSaysWhatItDoes(t *testing.T) {
	root := newRoot(&app{in: strings.NewReader(""), out: io.Discard, err: io.Discard, version: "1"})
	var page strings.Builder
	verbsPage(&page, root)
	for _, c := range everyVerb(root) {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short help %q", c.CommandPath(), c.Short)
		}
		if !c.Hidden && !c.HasSubCommands() && !strings.Contains(page.String(), ".SS "+roff(c.CommandPath())) {
			t.Errorf("%s is not in the manual", c.CommandPath())
		}
	}
	for line := range strings.Lines(page.String()) {
		if len(line) > 1 && line[0] == '.' && !strings.ContainsRune("TSPBInf", rune(line[1])) {
			t.Errorf("text reads as a macro: %s", line)
		}
	}
}
