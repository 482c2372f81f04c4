package prompt

import (
	"context"
	"time"
)

// notifyLimit is how long a desktop may take to show a notification.
const notifyLimit = 3 * time.Second

// Notify shows a notification that needs no answer, if the desktop has a place for
// it. It returns within notifyLimit. The error is errNoDialog if no desktop shows it.
func Notify(ctx context.Context, title, text string) error {
	ctx, cancel := context.WithTimeout(ctx, notifyLimit)
	defer cancel()
	return notify(ctx, title, text)
}
