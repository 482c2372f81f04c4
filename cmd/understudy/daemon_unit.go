package main

import (
	_ "embed"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"understudy/internal/text"
)

var (
	//go:embed embed/understudy.service
	systemdUnit string
	//go:embed embed/understudy.plist
	launchdPlist string
)

// unitBinary stands in the embedded files for the program's path.
const unitBinary = "@understudy@"

func newDaemonUnitCommand(a *app) *cobra.Command {
	var binary string
	c := &cobra.Command{
		Use:   "unit [systemd | launchd]",
		Short: "Print a service file that starts the daemon at login",
		Long: `Prints a service file for systemd or launchd, whichever is this platform's, that
starts the daemon at login. It is optional: the first program that needs
credentials starts the daemon too.`,
		Example: `  mkdir -p ~/.config/systemd/user ~/.local/state
  understudy daemon unit systemd > ~/.config/systemd/user/understudy.service
  systemctl --user enable --now understudy`,
		ValidArgs: []cobra.Completion{"systemd", "launchd"},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return misused("unit takes one name", "understudy daemon unit "+args[0])
			}
			kind := map[string]string{"linux": "systemd", "darwin": "launchd"}[runtime.GOOS]
			if len(args) == 1 {
				kind = args[0]
			}
			text, err := unit(kind, binary)
			if err != nil {
				return err
			}
			return a.write([]byte(text))
		},
	}
	c.Flags().StringVar(&binary, "binary", "", "the `path` of understudy in the file (default: this program's)")
	return c
}

// unit is the service file of kind that runs binary; "" means this program.
func unit(kind, binary string) (string, error) {
	if binary == "" {
		self, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("where this program is: %w", err)
		}
		binary = self
	}
	if !filepath.IsAbs(binary) || strings.ContainsFunc(binary, isControl) {
		return "", misused(fmt.Sprintf("--binary %q is not an absolute path", text.Line(binary)), "understudy daemon unit --binary /usr/local/bin/understudy")
	}
	switch kind {
	case "systemd":
		return strings.ReplaceAll(systemdUnit, unitBinary, systemdWord(binary)), nil
	case "launchd":
		var b strings.Builder
		if err := xml.EscapeText(&b, []byte(binary)); err != nil {
			return "", err
		}
		return strings.ReplaceAll(launchdPlist, unitBinary, b.String()), nil
	case "":
		return "", misused("this platform has neither systemd nor launchd; the first program that needs credentials starts the daemon", "understudy daemon unit systemd")
	}
	return "", misused(fmt.Sprintf("unit %q is neither systemd nor launchd", kind), "understudy daemon unit systemd")
}

// systemdWord makes s one word of a command line in a unit, in which % and $
// stand for other things and quotes group.
func systemdWord(s string) string {
	s = strings.NewReplacer("%", "%%", "$", "$$", `\`, `\\`, `"`, `\"`).Replace(s)
	if strings.ContainsAny(s, " '\"\\;") {
		return `"` + s + `"`
	}
	return s
}
