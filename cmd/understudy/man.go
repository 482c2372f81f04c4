package main

import (
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"understudy/internal/wire"
)

// manPages are those written by hand.
//
//go:embed embed/understudy-credentials.1 embed/understudy-config.5
var manPages embed.FS

func newManCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual pages into a folder",
		Hidden: true,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return misused("man needs the name of one folder", "understudy man .")
			}
			return writeManual(c.Root(), args[0])
		},
	}
}

// writeManual writes every page into dir. The page of the verbs is made from
// their own help, so that the two never differ.
func writeManual(root *cobra.Command, dir string) error {
	write := func(name string, text []byte) error {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return &wire.Error{Code: wire.Usage, Message: err.Error(), Hint: "name a folder that is there and yours to write to"}
		}
		return nil
	}
	var b strings.Builder
	verbsPage(&b, root)
	if err := write("understudy.1", []byte(b.String())); err != nil {
		return err
	}
	pages, err := manPages.ReadDir("embed")
	if err != nil {
		return err
	}
	for _, page := range pages {
		text, err := manPages.ReadFile("embed/" + page.Name())
		if err != nil {
			return err
		}
		if err := write(page.Name(), text); err != nil {
			return err
		}
	}
	return nil
}

// verbsPage writes understudy(1) in roff's man macros.
func verbsPage(w io.Writer, root *cobra.Command) {
	fmt.Fprintf(w, ".TH UNDERSTUDY 1 \"\" \"understudy %s\"\n.SH NAME\nunderstudy \\- %s\n", roff(root.Version), roff(root.Short))
	fmt.Fprintf(w, ".SH SYNOPSIS\n.B understudy\n.I VERB\n[options]\n.SH DESCRIPTION\n%s", paragraphs(root.Long))
	fmt.Fprint(w, ".SH VERBS\n")
	verbs(w, root)
	fmt.Fprint(w, ".SH EXIT STATUS\n")
	for _, s := range []struct{ status, means string }{
		{"0", "done"},
		{"1", "understudy daemon status: none runs; understudy doctor: an error or a warning was found"},
		{"2", "the arguments are wrong, or standard output cannot be written"},
		{"3", "a person must act first"},
		{"4", "refused for good, or the configuration is wrong"},
		{"5", "the daemon could not be reached or started"},
		{"6", "AWS could not be reached and nothing usable is kept; try again"},
		{"130", "a person's Ctrl-C, or Escape where a profile is picked"},
	} {
		fmt.Fprintf(w, ".TP\n.B %s\n%s\n", s.status, roff(s.means))
	}
	fmt.Fprint(w, ".SH SEE ALSO\n.BR understudy-credentials (1),\n.BR understudy-config (5)\n")
}

// verbs writes the visible verbs below c, each with its options.
func verbs(w io.Writer, c *cobra.Command) {
	for _, v := range c.Commands() {
		if v.Hidden || v.Name() == "help" {
			continue
		}
		if v.HasSubCommands() && v.Name() != "completion" {
			verbs(w, v)
			continue
		}
		use := v.UseLine()
		long := v.Long
		if v.Name() == "completion" { // its own text is a page a shell
			use, long = "understudy completion bash|zsh|fish|powershell", v.Short+"; see its --help for how to load it."
		}
		if long == "" {
			long = v.Short + "."
		}
		fmt.Fprintf(w, ".SS %s\n%s", roff(strings.TrimSuffix(use, " [flags]")), paragraphs(long))
		v.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if f.Hidden || f.Name == "help" {
				return
			}
			name, usage := pflag.UnquoteUsage(f)
			short := ""
			if f.Shorthand != "" {
				short = "-" + f.Shorthand + ", "
			}
			fmt.Fprintf(w, ".TP\n.B %s\n%s\n", roff(strings.TrimSpace(short+"--"+f.Name+" "+name)), roff(usage))
		})
	}
}

// paragraphs keeps the blank lines and the indented blocks of a help text.
func paragraphs(text string) string {
	var b strings.Builder
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if strings.HasPrefix(block, "    ") {
			fmt.Fprintf(&b, ".PP\n.nf\n%s\n.fi\n", roff(block))
			continue
		}
		fmt.Fprintf(&b, ".PP\n%s\n", roff(block))
	}
	return b.String()
}

// roff escapes what roff would read as more than text.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
