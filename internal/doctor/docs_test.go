package doctor

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// What --json may print as a check is a promise, and stands in docs/commands.md.
func TestEveryCheckIsInTheDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[a-z-]+`(?:, `[a-z-]+`)*) \\| [^|]+ \\|$").FindAllSubmatch(text, -1) {
		told = append(told, regexp.MustCompile("[a-z-]+").FindAllString(string(row[1]), -1)...)
	}
	for _, c := range append(files(), surroundings()...) {
		if !slices.Contains(told, c.name) {
			t.Errorf("%s is not in the docs", c.name)
		}
	}
	for _, c := range profiles() {
		if !slices.Contains(told, c.name) {
			t.Errorf("%s is not in the docs", c.name)
		}
	}
}
