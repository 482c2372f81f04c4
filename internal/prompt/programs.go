package prompt

import "strings"

// What follows is told to programs of four families. osascript and powershell
// stand here too, so that a stand-in for them can be run anywhere.

// zenity shows what is typed: a code is of use once, and only beside the other
// factor.
func zenity(path string) Dialog {
	// It reads backslashes as escapes and underscores as keyboard shortcuts.
	plain := strings.NewReplacer(`\`, `\\`, "_", "__")
	return window{
		path: path,
		args: func(q Question) []string {
			return []string{"--entry", "--title=understudy", "--text=" + plain.Replace(sentence(q))}
		},
		closed: 1,
		says: words{
			{"open display", errNoDialog},
			{"Fatal IO error", errEnded}, // the X server left
			{"connection to Wayland", errEnded},
		},
	}
}

func kdialog(path string) Dialog {
	return window{
		path:   path,
		args:   func(q Question) []string { return []string{"--title", "understudy", "--inputbox", sentence(q)} },
		closed: 1,
		says: words{
			{"connect to display", errNoDialog},
			{"platform plugin", errNoDialog},
			{"connection broke", errEnded},
		},
	}
}

// osascript's script takes the text as an argument, never as a piece of script.
func osascript(path string) Dialog {
	lines := []string{
		`on run argv`,
		`try`,
		`return text returned of (display dialog (item 1 of argv) default answer "" with title "understudy")`,
		`on error number -128`, // the person's no
		`return ""`,
		`end try`,
		`end run`,
	}
	return window{path: path, args: func(q Question) []string {
		var args []string
		for _, line := range lines {
			args = append(args, "-e", line)
		}
		return append(args, sentence(q))
	}}
}

// powershell's script finds the text in its environment, never in itself.
func powershell(path string) Dialog {
	const script = `Add-Type -AssemblyName Microsoft.VisualBasic; ` +
		`[Microsoft.VisualBasic.Interaction]::InputBox($env:UNDERSTUDY_TEXT, 'understudy')`
	return window{
		path: path,
		args: func(Question) []string { return []string{"-NoProfile", "-Command", script} },
		env:  func(q Question) []string { return []string{"UNDERSTUDY_TEXT=" + sentence(q)} },
	}
}
