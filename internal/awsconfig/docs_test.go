package awsconfig

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestTheTableInTheDocsIsTheCorpus keeps docs/config-reading.md true: its table
// is what the corpus records, and is written by -update.
func TestTheTableInTheDocsIsTheCorpus(t *testing.T) {
	const path = "../../docs/config-reading.md"
	const begin, end = "<!-- the table is written from the corpus: go test ./internal/awsconfig -update -->\n", "<!-- end of the table -->\n"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(b), begin)
	table, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has lost the marks of its table", path)
	}
	want := corpusTable(loadCorpus(t))
	if table == want {
		return
	}
	if !*update {
		t.Fatalf("%s does not say what the corpus says; run go test ./internal/awsconfig -update", path)
	}
	if err := os.WriteFile(path, []byte(head+begin+want+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

func corpusTable(cases []*corpusCase) string {
	var b strings.Builder
	b.WriteString("| case | botocore | Go SDK | understudy | why |\n| --- | --- | --- | --- | --- |\n")
	for _, c := range cases {
		fmt.Fprintf(&b, "| [%s](../internal/awsconfig/testdata/corpus/%s.json): %s | %s | %s | %s | %s |\n",
			c.name, c.name, c.About, sayOr(c.Botocore), sayOr(c.Go), say(c.Understudy), c.Choice)
	}
	return b.String()
}

// sayOr is the cell of a reader that may agree with understudy.
func sayOr(r *reading) string {
	if r == nil {
		return "same"
	}
	return say(*r)
}

// say puts a reading into one cell: `[profile] key=value`, one a line.
func say(r reading) string {
	if r.Refuses {
		return "refuses the file"
	}
	var cells []string
	for _, name := range slices.Sorted(maps.Keys(r.Profiles)) {
		p := r.Profiles[name]
		if p["refused"] != "" {
			cells = append(cells, code(name)+" refused")
			continue
		}
		var keys []string
		for _, k := range slices.Sorted(maps.Keys(p)) {
			v := fmt.Sprintf("%q", p[k])
			if len(v) > 60 {
				v = fmt.Sprintf("%d bytes", len(p[k]))
			}
			keys = append(keys, k+"="+v)
		}
		cells = append(cells, code(name+": "+strings.Join(keys, ", ")))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Services)) {
		for _, service := range slices.Sorted(maps.Keys(r.Services[name])) {
			cells = append(cells, code(fmt.Sprintf("%s.%s: %q", name, service, r.Services[name][service])))
		}
	}
	if len(cells) == 0 {
		return "no profile"
	}
	return strings.Join(cells, "<br>")
}

// code marks text that may hold backticks and bars.
func code(s string) string {
	return "<code>" + strings.NewReplacer("&", "&amp;", "<", "&lt;", "|", "&#124;", "`", "&#96;", "*", "&#42;", "\\", "&#92;").Replace(s) + "</code>"
}
