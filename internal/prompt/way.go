package prompt

import (
	"os"

	"understudy/internal/process"
)

// Desktop finds the dialogs of this process's own desktop, as it is now.
func Desktop() (Dialog, error) { return findDialog(os.Getenv, process.LookPath) }
