package cache

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"understudy/internal/keychain"
)

// The test binary is also the keychain's worker, and the process that is killed
// while it writes an index.
const (
	asWorker = "CACHE_TEST_WORKER"
	asWriter = "CACHE_TEST_WRITER" // the state folder
)

func TestMain(m *testing.M) {
	if os.Getenv(asWorker) != "" {
		if keychain.Serve(context.Background(), os.Stdin, os.Stdout) != nil {
			os.Exit(1)
		}
		return
	}
	if dir := os.Getenv(asWriter); dir != "" {
		if err := writeIndex(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const filler = "role via keys of base " // repeated: more than a page

// writeIndex replaces the index by one with a single record, "new".
func writeIndex(dir string) error {
	x := newIndex(dir, slog.New(slog.DiscardHandler), func() []row {
		return []row{{Record: Record{ID: "new", Source: strings.Repeat(filler, 2000)}}}
	})
	x.read()
	return x.pass(context.Background())
}
