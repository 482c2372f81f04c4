package prompt

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxAgentConf is more than any gpg-agent.conf holds, in bytes.
const maxAgentConf = 64 << 10

// pinentries are the candidates of these names, after the one that the person's
// gpg-agent.conf names.
func pinentries(getenv func(string) string, names ...string) []candidate {
	if chosen := agentsPinentry(getenv); chosen != "" {
		names = append([]string{chosen}, names...)
	}
	var all []candidate
	for _, name := range names {
		all = append(all, candidate{name, func(path string) Dialog { return pinentry(path) }})
	}
	return all
}

// agentsPinentry is the absolute path that gpg-agent.conf names; "" when it
// names none.
func agentsPinentry(getenv func(string) string) string {
	dir := getenv("GNUPGHOME")
	if dir == "" {
		dir = filepath.Join(getenv("HOME"), ".gnupg")
	}
	path := filepath.Join(dir, "gpg-agent.conf")
	// A pipe in its place would hold us up.
	if info, err := os.Stat(path); !filepath.IsAbs(dir) || err != nil || !info.Mode().IsRegular() {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	return pinentryProgram(io.LimitReader(f, maxAgentConf))
}

// pinentryProgram reads the option as gpg-agent does: the last one counts.
func pinentryProgram(conf io.Reader) string {
	chosen := ""
	lines := bufio.NewScanner(conf)
	for lines.Scan() {
		name, value, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		value = strings.Trim(strings.TrimSpace(value), `"`)
		if strings.TrimLeft(name, "-") == "pinentry-program" && filepath.IsAbs(value) {
			chosen = value
		}
	}
	return chosen
}
