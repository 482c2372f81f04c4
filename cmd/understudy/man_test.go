package main

import (
	"io"
	"os"
	"regexp"
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

func TestTheManualHasEveryKeyOfAProfile(t *testing.T) {
	doc, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("embed/understudy-config.5")
	if err != nil {
		t.Fatal(err)
	}
	keys := 0
	for line := range strings.Lines(string(doc)) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || strings.Contains(cells[1], "aws_access_key_id") { // everybody knows those
			continue
		}
		for _, key := range regexp.MustCompile("`([a-z0-9_]+)`").FindAllStringSubmatch(cells[1], -1) {
			keys++
			if !regexp.MustCompile(`\b` + key[1] + `\b`).Match(page) {
				t.Errorf("the manual does not have %s", key[1])
			}
		}
	}
	if keys < 30 {
		t.Errorf("found only %d keys in the table", keys)
	}
}
