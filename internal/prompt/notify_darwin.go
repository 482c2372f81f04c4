package prompt

import (
	"context"
	"fmt"

	"understudy/internal/process"
)

func notify(ctx context.Context, title, text string) error {
	_, err := process.Run(ctx, maxTyped, nil, "/usr/bin/osascript",
		"-e", `on run argv`,
		"-e", `display notification (item 2 of argv) with title (item 1 of argv)`,
		"-e", `end run`, title, text)
	if err != nil {
		return fmt.Errorf("%w: no notification is taken", errNoDialog)
	}
	return nil
}
