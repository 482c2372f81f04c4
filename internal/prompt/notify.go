package prompt

import (
	"context"
	"time"
)

// notifyLimit is how long a desktop may take to show a notification.
const notifyLimit = 3 * time.Second

// Notify shows a notification where the desktop has a place for it; nobody has
// to answer. It returns within notifyLimit, and is errNoDialog where there is no
// desktop that takes it.
func Notify(ctx context.Context, title, text string) error {
	ctx, cancel := context.WithTimeout(ctx, notifyLimit)
	defer cancel()
	return notify(ctx, title, text)
}
