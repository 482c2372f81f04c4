package source

import (
	"strconv"
	"strings"

	"understudy/internal/text"
)

const maxQuote = 80 // characters of a value in a message

// brief shortens a value for a message.
func brief(s string) string { return text.Cut(s, maxQuote) }

func quoteProfile(name string) string { return "profile " + strconv.Quote(name) }

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = strconv.Quote(n)
	}
	return strings.Join(quoted, ", ")
}
