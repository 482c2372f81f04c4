package source

import (
	"strconv"
	"strings"

	"understudy/internal/text"
)

const maxQuote = 80 // characters of a value that is quoted back

// brief shortens a value that is quoted back.
func brief(s string) string { return text.Cut(s, maxQuote) }

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = strconv.Quote(n)
	}
	return strings.Join(quoted, ", ")
}
