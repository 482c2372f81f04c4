package rewrite

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// asWriter names the file that this program, run again as a process of its own,
// replaces.
const asWriter = "REWRITE_THE_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(asWriter); path != "" {
		f, err := Open(path)
		if err == nil {
			_, err = f.Replace(context.Background(), after, Options{Backup: true})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
