package prompt

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"understudy/internal/process"
)

// browserPatience is how long a browser may take to say that it cannot: most
// programs that open one leave at once, some stay as long as it is open.
const browserPatience = 5 * time.Second

// errAddress is an address that no browser is sent to.
var errAddress = errors.New("the address is neither https nor on this machine")

// OpenBrowser opens a page: with a command of $BROWSER where that is set, else
// with the desktop's own. It returns when the page was handed on, which does not
// say that anybody sees it. The error is errNoDialog if there is neither a
// display nor $BROWSER, or no command opens the page.
func OpenBrowser(ctx context.Context, address string) error {
	if !fitToOpen(address) {
		return errAddress
	}
	commands := browserCommands(os.Getenv("BROWSER"), address)
	if hasDisplay(os.Getenv) {
		commands = append(commands, desktopOpens(address)...)
	}
	for _, argv := range commands {
		if process.Launch(ctx, browserPatience, busEnv(), argv[0], argv[1:]...) == nil {
			return nil
		}
		if over := ended(ctx); over != nil {
			return over
		}
	}
	return fmt.Errorf("%w: no browser opens", errNoDialog)
}

// CanBrowse reports whether OpenBrowser is worth a try.
func CanBrowse() bool {
	return strings.TrimSpace(os.Getenv("BROWSER")) != "" || hasDisplay(os.Getenv)
}

// fitToOpen takes https anywhere and http on this machine: a desktop opens
// other schemes with whatever program is registered for them.
func fitToOpen(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	switch u.Scheme {
	case "https":
		return true
	case "http":
		ip, err := netip.ParseAddr(u.Hostname())
		return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	}
	return false
}

// browserCommands reads $BROWSER: commands with colons between them, the address
// where they have %s, else behind them. No shell reads it.
func browserCommands(variable, address string) [][]string {
	var all [][]string
	for command := range strings.SplitSeq(variable, string(os.PathListSeparator)) {
		argv, placed := strings.Fields(command), false
		for i, word := range argv {
			if strings.Contains(word, "%s") {
				argv[i], placed = strings.ReplaceAll(word, "%s", address), true
			}
		}
		if len(argv) == 0 {
			continue
		}
		if !placed {
			argv = append(argv, address)
		}
		all = append(all, argv)
	}
	return all
}
